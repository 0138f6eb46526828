// What every kind of old hash has in common.

/** One way in which passwords were stored. */
export interface HashReader {
  /** Whether a hash is of this kind, and takes no more time and memory than a sign-in may. */
  reads(hash: string): boolean;
  /** Whether the password is the one that the hash was made of. */
  verify(hash: string, password: string): Promise<boolean>;
}

/** Reads base64 with or without padding; passlib writes a dot for the plus. */
export function fromBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll(".", "+"), "base64");
}
