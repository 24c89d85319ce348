// Python's generator of random numbers, the Mersenne Twister (Matsumoto, Nishimura 1998), seeded and drawn from as
// Python's random.Random does, so that a seed gives the same shuffles here and there.

class MersenneTwister {
  constructor(seed) {
    this.state = new Uint32Array(624);
    this.next = 624;
    const key = [];
    for (let rest = BigInt(seed); rest > 0n; rest >>= 32n) key.push(Number(rest & 0xffffffffn));
    this.fill(19650218);
    this.mix(key.length ? key : [0]);
  }

  fill(number) {
    const { state } = this;
    state[0] = number;
    for (let k = 1; k < 624; k++) state[k] = Math.imul(1812433253, state[k - 1] ^ (state[k - 1] >>> 30)) + k;
  }

  mix(key) {
    const { state } = this;
    let k = 1;
    const advance = () => {
      k++;
      if (k >= 624) {
        state[0] = state[623];
        k = 1;
      }
    };
    for (let n = 0, j = 0; n < Math.max(624, key.length); n++) {
      state[k] = (state[k] ^ Math.imul(state[k - 1] ^ (state[k - 1] >>> 30), 1664525)) + key[j] + j;
      j = (j + 1) % key.length;
      advance();
    }
    for (let n = 0; n < 623; n++) {
      state[k] = (state[k] ^ Math.imul(state[k - 1] ^ (state[k - 1] >>> 30), 1566083941)) - k;
      advance();
    }
    state[0] = 0x80000000;
  }

  // 32 random bits.
  word() {
    const { state } = this;
    if (this.next >= 624) {
      for (let k = 0; k < 624; k++) {
        const y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
        state[k] = state[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.next = 0;
    }
    let y = state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // A whole number below n.
  below(n) {
    const bits = 32 - Math.clz32(n);
    for (;;) {
      const drawn = this.word() >>> (32 - bits);
      if (drawn < n) return drawn;
    }
  }

  shuffle(list) {
    for (let k = list.length - 1; k > 0; k--) {
      const j = this.below(k + 1);
      [list[k], list[j]] = [list[j], list[k]];
    }
  }

  saved() {
    return [this.state.slice(), this.next];
  }

  restore([state, next]) {
    this.state.set(state);
    this.next = next;
  }
}
