// Walks the agreements of a running server, three to a page: node walk.mjs http://127.0.0.1:8000
// The types come from its OpenAPI document: openapi-typescript openapi.json --output api.d.ts
import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

type Page = components["schemas"]["AgreementList"];

const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: process.argv[2] ?? "http://127.0.0.1:8000" });

async function* pages(): AsyncGenerator<Page> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = cursor === undefined ? { limit: 3 } : { limit: 3, cursor };
    const { data, error } = await client.GET("/agreements", { params: { query } });
    if (error) throw new Error(error.detail);
    yield data;
    // `next` is a whole URL, to be fetched as it is. A client that builds its own URLs takes the
    // cursor out of it.
    cursor = data.next === null ? null : new URL(data.next).searchParams.get("cursor");
  }
}

const ids = new Set<string>();
let total = 0;
for await (const page of pages()) {
  total = page.total;
  for (const agreement of page.items) {
    const parties = agreement.parties.map((party) => party.actor.title).join(", ");
    console.log(`${agreement.id}\t${agreement.date?.slice(0, 4) ?? "no date"}\t${parties}`);
    ids.add(agreement.id);
  }
}
if (ids.size !== total) throw new Error(`walked over ${ids.size} of ${total}`);
