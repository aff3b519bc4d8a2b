// The reference, with a form to try each operation. Title, version and server are on the page.
"use strict";

const Reference = ({ React }) => ({
  components: {
    Reference: ({ specSelectors, getComponent }) => {
      const show = (name, props) => React.createElement(getComponent(name, true), { ...props, key: name });
      return React.createElement("div", { className: "swagger-ui" }, [
        show("errors"),
        show("Markdown", { source: specSelectors.info().get("description") }),
        show("operations"),
        show("Models"),
      ]);
    },
  },
});

globalThis.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  layout: "Reference",
  plugins: [Reference],
  tryItOutEnabled: true,
  showCommonExtensions: false, // patterns: the descriptions say it in words
});
