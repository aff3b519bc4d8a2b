module.exports = {
  readout: {
    input: "openapi.json",
    output: { target: "orval/readout.ts", client: "fetch", baseUrl: { getBaseUrlFromSpecification: true } },
  },
};
