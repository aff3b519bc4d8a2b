// Asks for the tools of a server and calls one, by the newest revision and by handshake.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
for (const options of [{ versionNegotiation: { mode: "auto" } }, {}]) {
  const client = new Client({ name: "test", version: "1" }, options);
  const url = new URL(`${process.argv[2]}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url));
  const { tools } = await client.listTools();
  const { content } = await client.callTool({ name: "search", arguments: { q: "alaska" } });
  console.log(JSON.stringify({
    version: client.getNegotiatedProtocolVersion(), tools: tools.map((tool) => tool.name),
    total: JSON.parse(content[0].text).total,
  }));
  await client.close();
}
