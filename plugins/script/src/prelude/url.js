// `URL` and `URLSearchParams`: what scripts take addresses apart with. Hosts are lower-cased and
// not otherwise normalised (no punycode, no IPv4 shorthands); nothing is fetched with them.
(engine) => {
  const { globals } = engine;
  const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21' };
  const ABSOLUTE = /^(?<protocol>[a-z][a-z0-9+.-]*:)(?<rest>.*)$/is;
  const AUTHORITY = /^(?:(?<user>[^:@]*)(?::(?<password>[^@]*))?@)?(?<host>\[[0-9a-f:.]+\]|[^:\s<>^|%]*)(?::(?<port>\d*))?$/i;

  const escape = (text, allowed) =>
    text.replace(/[^\x21-\x7e]|["<>`{}\\^|]/gu, (c) => (allowed.includes(c) ? c : encodeURIComponent(c.toWellFormed())));

  const formDecode = (text) => {
    const spaced = text.replaceAll('+', ' ');
    try {
      return decodeURIComponent(spaced);
    } catch {
      return spaced;
    }
  };
  const formEncode = (text) =>
    encodeURIComponent(String(text).toWellFormed())
      .replaceAll('%20', '+')
      .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

  class URLSearchParams {
    #pairs = [];
    #changed = () => {};

    constructor(init = '', changed) {
      if (changed) this.#changed = changed;
      if (typeof init === 'string') this.#parse(init.replace(/^\?/, ''));
      else for (const [name, value] of init[Symbol.iterator] ? init : Object.entries(init)) this.#pairs.push([String(name), String(value)]);
    }

    #parse(text) {
      for (const part of text.split('&').filter(Boolean)) {
        const [name, ...value] = part.split('=');
        this.#pairs.push([formDecode(name), formDecode(value.join('='))]);
      }
    }

    #keep(pairs) {
      this.#pairs = pairs;
      this.#changed(this.toString());
    }

    get size() {
      return this.#pairs.length;
    }

    get(name) {
      return this.#pairs.find(([key]) => key === name)?.[1] ?? null;
    }

    getAll(name) {
      return this.#pairs.filter(([key]) => key === name).map(([, value]) => value);
    }

    has(name) {
      return this.#pairs.some(([key]) => key === name);
    }

    append(name, value) {
      this.#keep([...this.#pairs, [String(name), String(value)]]);
    }

    delete(name) {
      this.#keep(this.#pairs.filter(([key]) => key !== name));
    }

    set(name, value) {
      const at = this.#pairs.findIndex(([key]) => key === name);
      if (at < 0) this.append(name, value);
      else this.#keep(this.#pairs.flatMap((pair, i) => (i === at ? [[name, String(value)]] : pair[0] === name ? [] : [pair])));
    }

    sort() {
      this.#keep(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }

    forEach(visit) {
      for (const [name, value] of this.#pairs) visit(value, name, this);
    }

    keys() {
      return this.#pairs.map(([name]) => name).values();
    }

    values() {
      return this.#pairs.map(([, value]) => value).values();
    }

    entries() {
      return this.#pairs.map((pair) => [...pair]).values();
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    toString() {
      return this.#pairs.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&');
    }
  }

  // Resolves `.` and `..` as browsers do.
  const normalPath = (path) => {
    const out = [];
    const segments = path.split('/').slice(1);
    segments.forEach((segment, index) => {
      const last = index === segments.length - 1;
      if (segment === '..') out.pop();
      if (segment !== '.' && segment !== '..') out.push(segment);
      else if (last) out.push('');
    });
    return `/${out.join('/')}`;
  };

  const split = (text) => {
    const [beforeHash, ...hash] = text.split('#');
    const [path, ...query] = beforeHash.split('?');
    return { path, search: query.length ? query.join('?') : null, hash: hash.length ? hash.join('#') : null };
  };

  const invalid = (text) => {
    throw new TypeError(`Invalid URL: ${text}`);
  };

  // A reference without a scheme, seen from a base.
  const resolve = (text, base) => {
    if (base === undefined) invalid(text);
    const from = new URL(base);
    if (text.startsWith('//')) return `${from.protocol}${text}`;
    const { path, search, hash } = split(text);
    const tail = (search === null ? '' : `?${search}`) + (hash === null ? '' : `#${hash}`);
    const origin = `${from.protocol}//${from.username ? `${from.username}${from.password && `:${from.password}`}@` : ''}${from.host}`;
    if (path.startsWith('/')) return origin + path + tail;
    if (path) return origin + from.pathname.replace(/[^/]*$/, '') + path + tail;
    return origin + from.pathname + (search === null ? from.search : '') + tail;
  };

  class URL {
    #params;

    constructor(address, base) {
      const text = String(address).trim();
      const { protocol, rest } = (ABSOLUTE.exec(text) ?? ABSOLUTE.exec(resolve(text, base))).groups;
      this.protocol = protocol.toLowerCase();
      const { path, search, hash } = split(rest);
      const special = this.protocol in PORTS;
      const slashed = special ? path.replaceAll('\\', '/').replace(/^\/*/, '//') : path;
      if (slashed.startsWith('//')) this.#authority(text, slashed.slice(2), special);
      else Object.assign(this, { username: '', password: '', hostname: '', port: '', pathname: escape(slashed, '') });
      this.search = search ? `?${escape(search, '`{}\\^|')}` : '';
      this.hash = hash ? `#${escape(hash, '{}\\^|')}` : '';
      this.#params = new URLSearchParams(this.search, (query) => {
        this.search = query && `?${query}`;
      });
    }

    #authority(text, rest, special) {
      const end = rest.includes('/') ? rest.indexOf('/') : rest.length;
      const parts = AUTHORITY.exec(rest.slice(0, end));
      if (!parts || (special && !parts.groups.host) || Number(parts.groups.port) > 65_535) invalid(text);
      const { user = '', password = '', host, port = '' } = parts.groups;
      const path = rest.slice(end);
      this.username = user;
      this.password = password;
      this.hostname = special ? host.toLowerCase() : host;
      this.port = port === PORTS[this.protocol] ? '' : port && String(Number(port));
      this.pathname = special || path ? normalPath(escape(path || '/', '|^')) : '';
    }

    get host() {
      return this.port ? `${this.hostname}:${this.port}` : this.hostname;
    }

    get origin() {
      return this.protocol in PORTS ? `${this.protocol}//${this.host}` : 'null';
    }

    get searchParams() {
      return this.#params;
    }

    get href() {
      const login = this.username || this.password ? `${this.username}${this.password && `:${this.password}`}@` : '';
      const slashes = this.hostname || this.protocol in PORTS || this.protocol === 'file:' ? '//' : '';
      return `${this.protocol}${slashes}${login}${this.host}${this.pathname}${this.search}${this.hash}`;
    }

    toString() {
      return this.href;
    }

    toJSON() {
      return this.href;
    }

    static canParse(address, base) {
      try {
        return Boolean(new URL(address, base));
      } catch {
        return false;
      }
    }

    static parse(address, base) {
      return URL.canParse(address, base) ? new URL(address, base) : null;
    }
  }

  globals.URL = URL;
  globals.URLSearchParams = URLSearchParams;
}
