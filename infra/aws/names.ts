/** What the parts call each other by, in every environment of one account. */
export const tablePrefix = "encore-";

/** Ports of a node. The private one is for its own security groups alone. */
export const publicPort = 8080;
export const managementPort = 9090;

/** The address range of the VPC, in which nodes' addresses must lie. */
export const network = "10.40.0.0/16";

/** Where the WebSocket API is at the one origin, and its stage. */
export const gatewayPath = "/gateway";
export const webSocketStage = "live";
