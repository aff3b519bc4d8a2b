// What a library that is not ours finds at a page: node oembed.mjs http://127.0.0.1:8000/quotes/…
import { extract } from "@extractus/oembed-extractor";

const asPage = (url) => fetch(url, { headers: { accept: "text/html" } });
console.log(JSON.stringify(await extract(process.argv[2], { maxwidth: 400 }, asPage)));
