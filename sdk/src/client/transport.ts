/** How a client reaches the API: one interface, one implementation for Node and one for browsers. */

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, beginning with `/`. */
  readonly path: string
  /** Sent as JSON when given. */
  readonly body?: unknown
  /** Default `application/json`. */
  readonly contentType?: string
  /** Default `application/json`. */
  readonly accept?: string
  readonly signal?: AbortSignal
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface Transport {
  /** One request, one whole answer. Rejects with `ConnectionError` when no answer came at all. */
  send(request: ApiRequest): Promise<ApiResponse>
  /**
   * A GET whose answer has no end, as pieces of text in order. Ends when the server ends it; aborting the signal ends it
   * without an error. Rejects with `ApiError` when the server refuses and `ConnectionError` when the line breaks.
   */
  stream(path: string, signal: AbortSignal): AsyncIterable<string>
}
