"use strict";
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultEditorToolsVisibility: true,
    defaultQuery: [
      "# Opens and clicks of the last 90 days, week by week.",
      "{",
      "  email {",
      "    events(period: {preset: LAST_90_DAYS}, interval: {unit: WEEK}) {",
      "      rows { bucket { start } sends uniqueOpens uniqueClicks openRate }",
      "      totals { sends uniqueOpens uniqueClicks openRate }",
      "    }",
      "  }",
      "}",
      "",
    ].join("\n"),
  }),
);
