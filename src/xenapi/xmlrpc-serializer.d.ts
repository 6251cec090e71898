declare module 'xmlrpc/lib/serializer.js' {
  /** The XML of an XML-RPC call; throws where a text holds what XML cannot. */
  export function serializeMethodCall(method: string, params: readonly unknown[]): string;
  /** The XML of an XML-RPC answer. */
  export function serializeMethodResponse(result: unknown): string;
}
