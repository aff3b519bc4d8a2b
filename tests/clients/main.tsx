// The components of docs/clients.md on a page.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { Commitments, Summit } from "./commitments";
import { SearchBox } from "./search";

createRoot(document.getElementById("root")!).render(
  <QueryClientProvider client={new QueryClient()}>
    <Summit id="us-japan-2025-02" />
    <Commitments />
    <SearchBox />
  </QueryClientProvider>,
);
