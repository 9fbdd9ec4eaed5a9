// `TextEncoder` and `TextDecoder`, UTF-8 only.
(engine) => {
  const { globals } = engine;
  const REPLACEMENT = 0xfffd;

  const encodePoint = (point) => {
    if (point < 0x80) return [point];
    if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 63)];
    if (point < 0x10000) return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
    return [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
  };

  globals.TextEncoder = class TextEncoder {
    get encoding() {
      return 'utf-8';
    }

    encode(text = '') {
      const bytes = [];
      for (const character of String(text).toWellFormed()) bytes.push(...encodePoint(character.codePointAt(0)));
      return new Uint8Array(bytes);
    }
  };

  // For a first byte: how many bytes follow, the bits it gives, and the least point of that length.
  const head = (byte) => {
    if (byte < 0x80) return [0, byte, 0];
    if (byte >= 0xc2 && byte < 0xe0) return [1, byte & 31, 0x80];
    if (byte >= 0xe0 && byte < 0xf0) return [2, byte & 15, 0x800];
    if (byte >= 0xf0 && byte < 0xf5) return [3, byte & 7, 0x10000];
    return null;
  };

  const decodeAt = (bytes, at) => {
    const start = head(bytes[at]);
    if (!start) return { point: REPLACEMENT, next: at + 1, valid: false };
    const [more, bits, least] = start;
    let point = bits;
    for (let i = 1; i <= more; i += 1) {
      if ((bytes[at + i] & 0xc0) !== 0x80) return { point: REPLACEMENT, next: at + i, valid: false };
      point = (point << 6) | (bytes[at + i] & 63);
    }
    const valid = point >= least && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return { point: valid ? point : REPLACEMENT, next: at + 1 + more, valid };
  };

  globals.TextDecoder = class TextDecoder {
    #fatal;

    constructor(encoding = 'utf-8', { fatal = false } = {}) {
      if (!/^utf-?8$/i.test(encoding)) throw new RangeError(`TextDecoder knows only utf-8, not \`${encoding}\``);
      this.#fatal = fatal;
    }

    get encoding() {
      return 'utf-8';
    }

    decode(buffer = new Uint8Array()) {
      const bytes = ArrayBuffer.isView(buffer)
        ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        : new Uint8Array(buffer);
      const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      const parts = [];
      for (let at = marked ? 3 : 0; at < bytes.length; ) {
        const { point, next, valid } = decodeAt(bytes, at);
        if (!valid && this.#fatal) throw new TypeError('the bytes are not utf-8');
        parts.push(String.fromCodePoint(point));
        at = next;
      }
      return parts.join('');
    }
  };
}
