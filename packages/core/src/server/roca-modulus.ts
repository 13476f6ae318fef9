// The fingerprint of the flawed generator: modulo each of these primes its moduli are powers of 65537.
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

const POWERS = PRIMES.map((prime) => ({ prime, powers: powersOf(65_537, prime) }));

/**
 * Tells whether an RSA modulus was made by the generator whose keys can be factored (ROCA, CVE-2017-15361).
 *
 * A modulus of another origin passes for one with a probability of about one in 2^27.
 *
 * @param modulus - big-endian
 * @see {@link https://crocs.fi.muni.cz/public/papers/rsa_ccs17 | The Return of Coppersmith's Attack, section 2.1}
 */
export function isRocaModulus(modulus: Uint8Array): boolean {
  return POWERS.every(({ prime, powers }) => powers.has(modulo(modulus, prime)));
}

function powersOf(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * (base % prime)) % prime) powers.add(power);
  return powers;
}

function modulo(bytes: Uint8Array, prime: number): number {
  let rest = 0;
  for (const byte of bytes) rest = (rest * 256 + byte) % prime;
  return rest;
}
