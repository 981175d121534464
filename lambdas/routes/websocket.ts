/** The routes of the WebSocket API; a message's `type` chooses (`$request.body.type`). */
export const webSocketRoutes = ["$connect", "$disconnect", "$default", "hello", "ping", "playback"] as const;
