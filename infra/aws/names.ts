/** What the parts call each other by, in every environment of one account. */
export const tablePrefix = "encore-";

/** Ports of a node. The private one is for its own security groups alone. */
export const publicPort = 8080;
export const managementPort = 9090;

/** The address range of the VPC, in which nodes' addresses must lie. */
export const network = "10.40.0.0/16";

/**
 * The stage of the WebSocket API. API Gateway takes connections at the path of the stage and nowhere below it, so the
 * stage bears the name of the path at the one origin.
 */
export const webSocketStage = "gateway";
export const gatewayPath = `/${webSocketStage}`;

/**
 * How long a connection through the balancer may be silent, in seconds. Live connections speak every 30 s. A node keeps
 * its idle connections for 72 s: the balancer must be the first to close one, or it sends requests into closed ones.
 */
export const balancerIdleSeconds = 70;

/** Where the public half of the token keys is found, in Systems Manager's parameter store. */
export const publicKeysParameter = "/encore/token-keys/public";
export const keyIdParameter = "/encore/token-keys/id";
