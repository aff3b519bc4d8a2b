// orval --config orval.config.cjs: the server is the one that the document names
import { listAgreements, type AgreementList } from "./orval/readout.js";

export function connect() {
  return async (cursor?: string): Promise<AgreementList> => {
    const answer = await listAgreements({ limit: 3, cursor });
    if (answer.status === 200) return answer.data;
    throw new Error(answer.status === 304 ? "not modified" : answer.data.detail);
  };
}
