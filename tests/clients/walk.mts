// Walks the agreements of a running server, three to a page, with a client that a generator made
// of its OpenAPI document: node walk.mjs openapi-fetch http://127.0.0.1:8000
import * as hey from "./hey-api.mjs";
import * as fetching from "./openapi-fetch.mjs";
import * as orval from "./orval.mjs";

const clients = { "hey-api": hey, "openapi-fetch": fetching, orval };
const [name, server] = process.argv.slice(2) as [keyof typeof clients, string];
const pageAfter = clients[name].connect(server);

const ids = new Set<string>();
let total = 0;
let cursor: string | undefined;
do {
  const page = await pageAfter(cursor);
  total = page.total;
  for (const agreement of page.items) {
    const parties = agreement.parties.map((party) => party.actor.title).join(", ");
    console.log(`${agreement.id}\t${agreement.date?.slice(0, 4) ?? "no date"}\t${parties}`);
    ids.add(agreement.id);
  }
  cursor = page.next_cursor ?? undefined;
} while (cursor !== undefined);
if (ids.size !== total) throw new Error(`walked over ${ids.size} of ${total}`);
