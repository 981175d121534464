/** A process of its own that opens a gateway and a client, closes both, and must then end by itself. */
import { once } from "node:events";
import Fastify from "fastify";
import WebSocket from "ws";
import { webSocketGateway } from "../../../../infra/local/gateway/websocket-api.ts";

const app = Fastify();
const events: string[] = [];
const record = async ({ requestContext }: { requestContext: { eventType: string } }) => {
  events.push(requestContext.eventType);
  return { statusCode: 200 };
};
app.register(webSocketGateway, {
  path: "/gateway",
  routeSelectionKey: "$request.body.type",
  connections: new Map(),
  authorizer: async ({ methodArn }) => ({
    principalId: "user",
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: methodArn }],
    },
  }),
  routes: { $connect: record, $disconnect: record },
});
const url = await app.listen({ port: 0, host: "127.0.0.1" });
const ws = new WebSocket(`${url.replace("http", "ws")}/gateway`);
await once(ws, "open");
await Promise.all([app.close(), once(ws, "close")]);
console.log(events.join(" "));
