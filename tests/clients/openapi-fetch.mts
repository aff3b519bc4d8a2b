// openapi-typescript openapi.json --output api.d.ts
import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

export function connect(server: string) {
  const client = createClient<paths>({ baseUrl: server });
  return async (cursor?: string): Promise<components["schemas"]["AgreementList"]> => {
    const { data, error } = await client.GET("/agreements", { params: { query: { limit: 3, cursor } } });
    if (error) throw new Error(error.detail);
    return data;
  };
}
