// openapi-ts --input openapi.json --output hey-api
import { client } from "./hey-api/client.gen.js";
import { listAgreements, type AgreementList } from "./hey-api/index.js";

export function connect(server: string) {
  client.setConfig({ baseUrl: server });
  return async (cursor?: string): Promise<AgreementList> => {
    const { data, error } = await listAgreements({ query: { limit: 3, cursor } });
    if (error) throw new Error(error.detail);
    if (data === undefined) throw new Error("no answer");
    return data;
  };
}
