// IPv4 blocks, as far as a form can judge them before AWS does.
export interface Cidr { base: number; bits: number }

const span = (bits: number) => 2 ** (32 - bits);

/** A block; nothing where the text is none. Bits behind the prefix are dropped, as AWS drops them. */
export function parseCidr(text: string): Cidr | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const bits = parts.pop() ?? 33;
  if (bits > 32 || parts.some((part) => part > 255)) return undefined;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { base: Math.floor(address / span(bits)) * span(bits), bits };
}

export const within = (inner: Cidr, outer: Cidr) => inner.base >= outer.base && inner.base + span(inner.bits) <= outer.base + span(outer.bits);
export const overlap = (a: Cidr, b: Cidr) => a.base < b.base + span(b.bits) && b.base < a.base + span(a.bits);

export const isCidr = (text: string) => parseCidr(text) !== undefined;
export const cidrError = (text: string) => (text === '' || isCidr(text) ? undefined : 'A block such as 10.0.0.0/16');

/** What is wrong with the block of a VPC or a subnet: they have between 16 and 65,536 addresses. */
export function networkError(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (text === '') return undefined;
  if (!cidr) return 'A block such as 10.0.0.0/16';
  return cidr.bits < 16 || cidr.bits > 28 ? 'Between /16 and /28' : undefined;
}
