// What an error says, for a person at a terminal.

export function reason(error: unknown): string {
  // A refused connection to a name with several addresses is several errors without a message.
  if (error instanceof AggregateError) return error.errors.map(reason).join("; ");
  return error instanceof Error ? error.message : String(error);
}
