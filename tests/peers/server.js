// What `run` fires at: HTTP/1.1, HTTP/2 and TLS, each path with a habit of its own. node server.js FOLDER PORT…
'use strict';
const fs = require('fs'), http = require('http'), http2 = require('http2'), https = require('https'), zlib = require('zlib');
const [folder, plain, secure, prior, both, race, single, restless] = process.argv.slice(2);
const tls = { key: fs.readFileSync(`${folder}/server.key`), cert: fs.readFileSync(`${folder}/server.pem`) };
let seen = {};

const gzip = (text) => zlib.gzipSync(text), raw = (text) => zlib.deflateRawSync(text);
const CODINGS = {
  gzip: ['gzip', gzip], 'x-gzip': ['x-gzip', gzip], capitals: ['GZIP', gzip], twice: ['gzip, gzip', (t) => gzip(gzip(t))],
  deflate: ['deflate', (t) => zlib.deflateSync(t)], raw: ['deflate', raw], br: ['br', (t) => zlib.brotliCompressSync(t)],
  mixed: ['br, gzip', (t) => gzip(zlib.brotliCompressSync(t))], identity: ['identity', (t) => t],
};

const end = (stream, code) => stream.close(code);
const PATHS = {
  early(q, r) {
    r.writeEarlyHints({ link: '</a>; rel=preload' });
    r.writeEarlyHints({ link: '</b>; rel=preload' });
    setTimeout(() => r.end('ok'), 20);
  },
  trailers(q, r) { r.writeHead(200, { Trailer: 'X-T' }); r.write('a'); r.write('b'); r.addTrailers({ 'X-T': '1' }); r.end(); },
  chunks(q, r) { let n = 0; const t = setInterval(() => (n++ < 50 ? r.write('x'.repeat(n)) : (clearInterval(t), r.end())), 1); },
  headers(q, r) { for (let n = 0; n < 900; n++) r.setHeader(`x-${n}`, 'v'); r.end('ok'); },
  toobig(q, r) { r.writeHead(413, { 'content-length': 3 }); r.end('big'); setTimeout(() => (r.stream ? 0 : q.socket.destroy()), 5); },
  some(q, r) { seen.some % 10 === 0 ? q.resume() : r.end('ok'); },
  never() {},
  reset(q, r) { r.stream ? end(r.stream, 2) : q.socket.resetAndDestroy(); },
  wants1(q, r) { r.stream ? end(r.stream, 13) : r.end('ok'); },
  refused(q, r) { r.stream ? end(r.stream, 7) : r.end('ok'); },
  half(q, r) { r.write('half'); setTimeout(() => (r.stream ? r.stream.session.destroy() : q.socket.destroy()), 20); },
  seen(q, r) { r.end(JSON.stringify(seen)); seen = {}; },
};

function answer(q, r) {
  const [path, detail] = q.url.slice(1).split('/');
  seen[path] = (seen[path] || 0) + 1;
  if (path === 'coded') {
    const [name, encode] = CODINGS[detail];
    r.writeHead(200, { 'content-encoding': name, 'content-type': 'text/plain' });
    return r.end(encode('What the endpoint says. '.repeat(50)));
  }
  if (path === 'moved') { r.writeHead(Number(detail), { location: '/echo' }); return r.end(); }
  if (PATHS[path]) { q.resume(); return PATHS[path](q, r); }
  let bytes = 0;
  q.on('data', (piece) => (bytes += piece.length));
  q.on('end', () => r.end(`${q.method} ${q.url} ${bytes} ${q.headers.host || q.headers[':authority']}`));
}

http.createServer(answer).listen(plain, '127.0.0.1');
https.createServer(tls, answer).listen(secure, '127.0.0.1');
http2.createServer(answer).listen(prior, '127.0.0.1');
http2.createSecureServer({ ...tls, allowHTTP1: true }, answer).listen(both, '127.0.0.1');
// Closes kept connections just when the next request may be under way.
const racing = http.createServer(answer);
racing.keepAliveTimeout = 3;
racing.listen(race, '127.0.0.1');
http2.createServer({ settings: { maxConcurrentStreams: 1 } }, answer).listen(single, '127.0.0.1');
// Changes its mind about streams, windows and tables all the time.
const changing = http2.createServer(answer);
changing.on('session', (session) => {
  let n = 0;
  const timer = setInterval(() => {
    if (session.destroyed) return clearInterval(timer);
    n++;
    const settings = { maxConcurrentStreams: [1, 100, 3][n % 3], initialWindowSize: [65535, 10, 1000][n % 3] };
    try { session.settings({ ...settings, headerTableSize: [0, 4096, 65536][n % 3] }); } catch { clearInterval(timer); }
  }, 3);
});
changing.listen(restless, '127.0.0.1', () => console.log('ready'));
process.on('uncaughtException', (error) => console.error(error.message));
