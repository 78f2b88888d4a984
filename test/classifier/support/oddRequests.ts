/**
 * Requests as firmware, old libraries and attackers write them, byte for byte. What the exported container answers to
 * each stands in `containerAnswers.json`: its app.py was asked under Python 3.9.18, Flask 2.3.3 and Werkzeug 3.1.9, with
 * a model in its place that takes whatever begins with "IMG" for an image, and names it in its answer.
 */
export interface OddRequest {
    group: string;
    name: string;
    /** Its characters are its bytes. */
    bytes: string;
}

export const IMAGE = "IMG\x00\n\r\xff";

export const oddRequests: OddRequest[] = [];

let group = "";
const add = (name: string, bytes: string) => oddRequests.push({ group, name, bytes });
const IMG = IMAGE;
const L = IMAGE.length;

function post(path: string, headers: string[] = [], body = IMAGE, line = `POST ${path} HTTP/1.1`): string {
    return [line, "Host: device", `Content-Length: ${body.length}`, ...headers, "", ""].join("\r\n") + body;
}

function chunked(body: string, coding = "chunked", headers: string[] = []): string {
    return (
        ["POST /image HTTP/1.1", "Host: device", `Transfer-Encoding: ${coding}`, ...headers, "", ""].join(
            "\r\n",
        ) + body
    );
}

/** A form of parts that are lines, the last of them being the content. */
function form(parts: string[][], boundary = "xyz", end = `--${boundary}--\r\n`): string {
    return parts.map((part) => `--${boundary}\r\n${part.join("\r\n")}\r\n`).join("") + end;
}

const cd = (parameters: string) => `Content-Disposition: form-data; ${parameters}`;
const part = (parameters: string, headers: string[] = [], content = IMAGE) => [
    [cd(parameters), ...headers, "", content],
];
const mp = (contentType: string, body: string) => post("/image", [`Content-Type: ${contentType}`], body);
const F = "multipart/form-data; boundary=xyz";

/** With line breaks of LF alone, except in the body. */
function lf(request: string, body = IMAGE): string {
    return request.slice(0, request.length - body.length).replaceAll("\r\n", "\n") + body;
}

group = "request lines";
add("plain", post("/image"));
add("no Host, HTTP/1.1", post("/image").replace("Host: device\r\n", ""));
add("no Host, HTTP/1.0", post("/image").replace("Host: device\r\n", "").replace("1.1", "1.0"));
add("HTTP/1.0 keep-alive", post("/image", ["Connection: keep-alive"]).replace("1.1", "1.0"));
add("empty Host", post("/image").replace("Host: device", "Host:"));
add("two Hosts", post("/image", ["Host: other"]));
add("odd Host", post("/image").replace("Host: device", "Host: a b/c?d"));
add("HTTP/0.9 GET", "GET /\r\n\r\n");
add("HTTP/0.9 POST", `POST /image\r\nContent-Length: ${L}\r\n\r\n${IMG}`);
add("HTTP/0.9 word", post("/image").replace("1.1", "0.9"));
add("HTTP/1.2", post("/image").replace("1.1", "1.2"));
add("HTTP/2.0", post("/image").replace("1.1", "2.0"));
add("HTTP/1", post("/image").replace("HTTP/1.1", "HTTP/1"));
add("HTTP/1.10", post("/image").replace("HTTP/1.1", "HTTP/1.10"));
add("http/1.1 lower", post("/image").replace("HTTP/1.1", "http/1.1"));
add("lower-case method", post("/image").replace("POST", "post"));
add("mixed-case method", post("/image").replace("POST", "Post"));
add("unknown method", post("/image").replace("POST", "FOO"));
add("PUT", post("/image").replace("POST", "PUT"));
add("tab in request line", post("/image", [], IMAGE, "POST\t/image\tHTTP/1.1"));
add("two spaces in request line", post("/image", [], IMAGE, "POST  /image  HTTP/1.1"));
add("space before request line", post("/image", [], IMAGE, " POST /image HTTP/1.1"));
add("space after request line", post("/image", [], IMAGE, "POST /image HTTP/1.1 "));
add("space in path", post("/a b/image"));
add("blank line first", `\r\n${post("/image")}`);
add("bare LF first", `\n${post("/image")}`);
add("bare LF everywhere", lf(post("/image")));
add("bare LF after request line only", post("/image").replace("HTTP/1.1\r\n", "HTTP/1.1\n"));
add("bare LF in headers only", post("/image").replace("Host: device\r\n", "Host: device\n"));
add("bare LF end of head only", `POST /image HTTP/1.1\r\nHost: device\r\nContent-Length: ${L}\r\n\n${IMG}`);
add("LF CR mix", `POST /image HTTP/1.1\nHost: device\r\nContent-Length: ${L}\n\r\n${IMG}`);
add("bare CR", `POST /image HTTP/1.1\rHost: device\rContent-Length: ${L}\r\r${IMG}`);
add("bare CR in header value", post("/image", ["X-A: a\rb"]));
add("bare CR hiding header", post("/image", ["X-A: a\rContent-Length: 1"]));
add("bare LF no Host HTTP/1.0", lf(post("/image").replace("Host: device\r\n", "").replace("1.1", "1.0")));
group = "lengths and chunks";
add("no length no body", "POST /image HTTP/1.1\r\nHost: device\r\n\r\n");
add("no length, body, close", `POST /image HTTP/1.1\r\nHost: device\r\nConnection: close\r\n\r\n${IMG}`);
add("two equal lengths", post("/image", [`Content-Length: ${L}`]));
add("two different lengths, larger second", post("/image", [`Content-Length: ${L + 1}`]));
add("two different lengths, smaller second", post("/image", [`Content-Length: 3`]));
add("list of equal lengths", post("/image").replace(`Length: ${L}`, `Length: ${L}, ${L}`));
add("list of different lengths", post("/image").replace(`Length: ${L}`, `Length: ${L}, 3`));
add("length with plus", post("/image").replace(`Length: ${L}`, `Length: +${L}`));
add("length with spaces", post("/image").replace(`Length: ${L}`, `Length:   ${L}  `));
add("length with zeros", post("/image").replace(`Length: ${L}`, `Length: 000${L}`));
add("length hex", post("/image").replace(`Length: ${L}`, `Length: 0x7`));
add("length empty", post("/image").replace(`Length: ${L}`, `Length:`));
add("length negative", post("/image").replace(`Length: ${L}`, `Length: -7`));
add("length word", post("/image").replace(`Length: ${L}`, `Length: abc`));
add("length underscore", post("/image").replace(`Length: ${L}`, `Length: 0_7`));
add("length decimal", post("/image").replace(`Length: ${L}`, `Length: 7.0`));
add("length tab", post("/image").replace(`Length: ${L}`, `Length:\t${L}`));
add("length no space", post("/image").replace(`Length: ${L}`, `Length:${L}`));
add("length lower-case", post("/image").replace(`Content-Length`, `content-length`));
add("length space before colon", post("/image").replace(`Length:`, `Length :`));
add("length underscore name", post("/image", ["Content_Length: 3"]));
add("length NUL name", post("/image", ["Content-Length\0: 3"]));
add("length huge", post("/image").replace(`Length: ${L}`, `Length: 99999999999999999999`));
add("length over 4 MiB", post("/image").replace(`Length: ${L}`, `Length: 5000000`));
add("length shorter than body", post("/image").replace(`Length: ${L}`, `Length: 4`));
const C = `3\r\nIMG\r\n4\r\n\x00\n\r\xff\r\n0\r\n\r\n`;
add("chunked", chunked(C));
add("chunked trailers", chunked(C.replace(/0\r\n\r\n$/, "0\r\nX-T: 1\r\n\r\n")));
add("chunked extension", chunked(C.replace("3\r\n", "3;a=b\r\n")));
add("chunked upper", chunked(C, "Chunked"));
add("chunked identity", chunked(C, "identity"));
add("chunked gzip, chunked", chunked(C, "gzip, chunked"));
add("chunked, gzip", chunked(C, "chunked, gzip"));
add("chunked twice", chunked(C, "chunked", ["Transfer-Encoding: chunked"]));
add("TE xchunked", chunked(C, "xchunked"));
add("TE tab chunked", chunked(C, "\tchunked"));
add("TE quoted", chunked(C, '"chunked"'));
add("TE space before colon", chunked(C).replace("Encoding:", "Encoding :"));
add("TE vtab chunked", chunked(C, "\x0bchunked"));
add("TE empty", chunked(C, ""));
add("TE empty with length", post("/image", ["Transfer-Encoding:"]));
add("TE identity with length", post("/image", ["Transfer-Encoding: identity"]));
add("TE folded", chunked(C).replace("Transfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked"));
add("chunked + length", chunked(C, "chunked", [`Content-Length: ${C.length}`]));
add(
    "length + chunked",
    `POST /image HTTP/1.1\r\nHost: device\r\nContent-Length: ${C.length}\r\nTransfer-Encoding: chunked\r\n\r\n${C}`,
);
add("length 0 + chunked", chunked(C, "chunked", ["Content-Length: 0"]));
add("length + xchunked", chunked(C, "xchunked", [`Content-Length: ${C.length}`]));
add("chunked HTTP/1.0", chunked(C).replace("1.1", "1.0"));
add("chunked size spaces", chunked(C.replace("3\r\n", "3  \r\n")));
add("chunked size 0x", chunked(C.replace("3\r\n", "0x3\r\n")));
add("chunked size leading space", chunked(C.replace("3\r\n", " 3\r\n")));
add("chunked size plus", chunked(C.replace("3\r\n", "+3\r\n")));
add("chunked no crlf after data", chunked(`3\r\nIMG4\r\n\x00\n\r\xff0\r\n\r\n`));
add("chunked ext with CR", chunked(C.replace("3\r\n", "3;\rx\r\n")));
add("chunked bad size", chunked(`zz\r\nIMG\r\n0\r\n\r\n`));
add("chunked negative", chunked(`-3\r\nIMG\r\n0\r\n\r\n`));
group = "headers";
add("header no value", post("/image", ["X-A:"]));
add("header no colon", post("/image", ["X-A"]));
add("header with space in name", post("/image", ["X A: b"]));
add("header space before colon", post("/image", ["X-A : b"]));
add("header empty name", post("/image", [": b"]));
add("header odd name chars", post("/image", ["X(A)[]@: b"]));
add("header obs-fold", post("/image", ["X-A: a", " b"]));
add("header obs-fold tab", post("/image", ["X-A: a", "\tb"]));
add("header leading space first", post("/image").replace("Host:", " Host:"));
add("header latin1", post("/image", ["X-A: \xe9\xff"]));
add("header latin1 name", post("/image", ["X-\xe9: a"]));
add("header control char", post("/image", ["X-A: a\x01b\x7f"]));
add("header NUL", post("/image", ["X-A: a\0b"]));
add("header folded content type", post("/image", ["Content-Type: image/jpeg;", " a=b"]));
add("header 8 KB", post("/image", [`X-A: ${"y".repeat(8000)}`]));
add("header 20 KB", post("/image", [`X-A: ${"y".repeat(20000)}`]));
add("header 70 KB", post("/image", [`X-A: ${"y".repeat(70000)}`]));
add(
    "headers 99",
    post(
        "/image",
        Array.from({ length: 95 }, (_, i) => `X-${i}: a`),
    ),
);
add(
    "headers 200",
    post(
        "/image",
        Array.from({ length: 200 }, (_, i) => `X-${i}: a`),
    ),
);
add("Expect 100", post("/image", ["Expect: 100-continue"]));
add("Expect unknown", post("/image", ["Expect: 200-ok"]));
add("Expect empty", post("/image", ["Expect:"]));
add("Expect upper", post("/image", ["Expect: 100-Continue"]));
add("Expect HTTP/1.0", post("/image", ["Expect: 100-continue"]).replace("1.1", "1.0"));
add("Connection close", post("/image", ["Connection: close"]));
add("Connection odd", post("/image", ["Connection: foo"]));
add("Connection close, data after", post("/image", ["Connection: close"]) + post("/image"));
add("Upgrade", post("/image", ["Connection: Upgrade", "Upgrade: h2c"]));
add(
    "Upgrade websocket GET",
    "GET / HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
);
add(
    "Upgrade h2c GET",
    "GET / HTTP/1.1\r\nHost: d\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
);
add("Upgrade no connection", post("/image", ["Upgrade: h2c"]));
add("Proxy-Connection", post("/image", ["Proxy-Connection: keep-alive"]));
add("CONNECT", "CONNECT device:80 HTTP/1.1\r\nHost: device\r\n\r\n");
add("CONNECT /image", "CONNECT /image HTTP/1.1\r\nHost: device\r\n\r\n");
add("PRI h2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
add("TRACE", "TRACE / HTTP/1.1\r\nHost: device\r\n\r\n");
add("GET with body", "GET / HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\nabc");
add("GET /image with body", "GET /image HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\nabc");
add("Content-Encoding gzip", post("/image", ["Content-Encoding: gzip"]));
group = "paths";
for (const p of [
    "//image",
    "///image",
    "/image/",
    "/image//",
    "/IMAGE",
    "/Image",
    "/p//image",
    "//p/image",
    "/p/image//nostore",
    "/p//image/nostore",
    "/./image",
    "/p/../image",
    "/p/./image",
    "/p/..%2fimage",
    "/%69mage",
    "/im%61ge",
    "/image%20",
    "/image;a=b",
    "/image?",
    "/image??",
    "/image?a=%",
    "/image?a=%zz",
    "/image?a=\xff",
    "/image?iterationId=x&application=y",
    "/image#x",
    "/image?a=<>\"'{}|^`\\",
    "/%/image",
    "/a%/image",
    "/%zz/image",
    "/%E0%A4%A/image",
    "/%ff/image",
    "/%fe%ff/image",
    "/%C3%A9/image",
    "/\xc3\xa9/image",
    "/\xe9/image",
    "/a%2fb/image",
    "/a%2Fb/image",
    "/%00/image",
    "/%0a/image",
    "/a+b/image",
    "/a%20b/image",
    "/p%25/image",
    "/%25zz/image",
    "/<p>/image",
    "/p|q/image",
    "/{p}/image",
    "/p\\q/image",
    "/p^/image",
    "/p`/image",
    '/"p"/image',
    "/p:q/image",
    "/p/classify/iterations/It%/image",
    "/p/classify/iterations/%zz/image/nostore",
    "/p/classify/iterations/a%2Fb/image",
    "//p/classify/iterations/i/image",
    "/p//classify/iterations/i/image",
    "/p/classify//iterations/i/image",
    "/p/classify/iterations//image",
    "/p/Classify/Iterations/i/Image",
    "/p/classify/iterations/i/image/NoStore",
    "/p/detect/iterations/i/image/",
    "/image/nostore",
    "/image%",
    "/%image",
    "/image%2F",
    "/%2Fimage",
    "/%2F%2Fimage",
    "/..//image",
    "/..",
    "//",
    "/%",
    "*",
    "image",
    "?image",
    "http://device/image",
    "http://device//image",
    "HTTP://device/image",
    "http://other:99/p/image?x=1",
    "https://device/image",
    "http:///image",
    "http://device",
    "ftp://device/image",
    "device/image",
    "device:80/image",
    "mailto:image",
    "http:/image",
    "file:///image",
    "//device/image",
    "///p/image",
])
    add(`path ${p}`, post(p));
for (const p of [
    "/",
    "//",
    "///",
    "/?",
    "/%",
    "/?%",
    "/index.html",
    "/favicon.ico",
    "/.",
    "/./",
    "",
    "http://device/",
    "http://device",
    "/image",
    "//image",
    "*",
    "/%2F",
])
    add(`GET ${p}`, `GET ${p} HTTP/1.1\r\nHost: device\r\n\r\n`);
add("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: device\r\n\r\n");
add("OPTIONS //image", "OPTIONS //image HTTP/1.1\r\nHost: device\r\n\r\n");
add("long query 8K", post(`/image?a=${"y".repeat(8000)}`));
add("long query 15K", post(`/image?a=${"y".repeat(15000)}`));
add("long query 60K", post(`/image?a=${"y".repeat(60000)}`));
group = "content types";
for (const t of [
    "image/jpeg",
    "text/plain",
    "text/plain; charset=utf-8",
    "application/json; charset=junk",
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=x",
    "",
    ";",
    "junk",
    "/",
    "*/*",
    "image",
    "\xff\xfe",
    "multipart/mixed; boundary=xyz",
    "multipart/form-data",
    "multipart/form-data;",
    "multipart/form-data; boundary",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary=""',
    "multipart/form-data; boundary=xyz",
    "Multipart/Form-Data",
    "multipart/form-data; charset=utf-8",
    "multipart/form-datax",
    "multipart/form-data, image/jpeg",
    " multipart/form-data",
    "multipart",
    "multipart/",
    "application/x-url-encoded",
])
    add(`type ${t}`, post("/image", [`Content-Type: ${t}`]));
add("two types", post("/image", ["Content-Type: a/b", "Content-Type: multipart/form-data; boundary=xyz"]));
add(
    "two types mp first",
    post(
        "/image",
        ["Content-Type: multipart/form-data; boundary=xyz", "Content-Type: a/b"],
        form([[cd('name="imageData"; filename="a"'), "", IMG]]),
    ),
);
add(
    "urlencoded with imageData",
    post("/image", ["Content-Type: application/x-www-form-urlencoded"], "imageData=IMGx"),
);
group = "forms";
add("mp file", mp(F, form(part('name="imageData"; filename="a.jpg"', ["Content-Type: image/jpeg"]))));
for (const d of [
    "name=imageData; filename=a.jpg",
    "name='imageData'; filename='a.jpg'",
    'name="imageData"; filename=""',
    'name="imageData"; filename=',
    'name="imageData"',
    "name=imageData",
    'name="imagedata"; filename="a"',
    'name="ImageData"; filename="a"',
    'NAME="imageData"; FILENAME="a"',
    'name = "imageData"; filename = "a"',
    'name="imageData";filename="a"',
    'name="imageData"; filename="a;b.jpg"',
    'name="imageData"; filename="a\\"b.jpg"',
    'name="imageData"; filename="C:\\dir\\a.jpg"',
    'name="imageData"; filename="\xc3\xa9.jpg"',
    'name="imageData"; filename="\xe9.jpg"',
    "name=\"imageData\"; filename*=UTF-8''a.jpg",
    "name*=UTF-8''imageData; filename=\"a\"",
    'filename="a"; name="imageData"',
    'name="imageData "; filename="a"',
    'name="image Data"; filename="a"',
    'name="imageData[]"; filename="a"',
    'name="imageData" filename="a"',
    'name="imageData"; filename="a',
    'name="imageData',
    'name=""; filename="a"',
    'filename="a"',
    'name="imageData"; filename="a"; name="x"',
    'name="x"; filename="a"; name="imageData"',
    'name="imageData"; filename="a";',
    'name="imageData"; ; filename="a"',
    'name="image\\Data"; filename="a"',
    'name="image%44ata"; filename="a"',
    'name="imageData"; filename="a\0b"',
    'name="file"; filename="a"',
])
    add(`mp cd ${d}`, mp(F, form(part(d))));
add(
    "mp cd lower-case header",
    mp(F, form([['content-disposition: form-data; name="imageData"; filename="a"', "", IMG]])),
);
add(
    "mp cd attachment",
    mp(F, form([['Content-Disposition: attachment; name="imageData"; filename="a"', "", IMG]])),
);
add("mp cd file", mp(F, form([['Content-Disposition: file; name="imageData"; filename="a"', "", IMG]])));
add(
    "mp cd upper form-data",
    mp(F, form([['Content-Disposition: Form-Data; name="imageData"; filename="a"', "", IMG]])),
);
add(
    "mp cd no space",
    mp(F, form([['Content-Disposition:form-data;name="imageData";filename="a"', "", IMG]])),
);
add(
    "mp cd folded",
    mp(F, form([['Content-Disposition: form-data;\r\n name="imageData";\r\n filename="a"', "", IMG]])),
);
add(
    "mp cd after type",
    mp(
        F,
        form([
            [
                "Content-Type: image/jpeg",
                'Content-Disposition: form-data; name="imageData"; filename="a"',
                "",
                IMG,
            ],
        ]),
    ),
);
add("mp no cd", mp(F, form([["Content-Type: image/jpeg", "", IMG]])));
add("mp no headers", mp(F, form([["", IMG]])));
add(
    "mp transfer base64",
    mp(
        F,
        form(part('name="imageData"; filename="a"', ["Content-Transfer-Encoding: base64"], "SU1HAAoN/w==")),
    ),
);
add(
    "mp transfer binary",
    mp(F, form(part('name="imageData"; filename="a"', ["Content-Transfer-Encoding: binary"]))),
);
add("mp content-length in part", mp(F, form(part('name="imageData"; filename="a"', ["Content-Length: 7"]))));
add(
    "mp part type text",
    mp(F, form(part('name="imageData"; filename="a"', ["Content-Type: text/plain; charset=utf-8"]))),
);
add(
    "mp part type multipart/mixed",
    mp(F, form(part('name="imageData"; filename="a"', ["Content-Type: multipart/mixed; boundary=q"]))),
);
const good = part('name="imageData"; filename="a"');
add("mp LF", mp(F, form(good).replace(IMG, "@@").replaceAll("\r\n", "\n").replace("@@", IMG)));
add("mp preamble", mp(F, `preamble\r\n${form(good)}`));
add("mp CRLF first", mp(F, `\r\n${form(good)}`));
add("mp epilogue", mp(F, `${form(good)}epilogue`));
add("mp end without CRLF", mp(F, form(good, "xyz", "--xyz--")));
add("mp no end", mp(F, form(good, "xyz", "")));
add("mp end single boundary", mp(F, form(good, "xyz", "--xyz\r\n")));
add("mp end no dashes", mp(F, form(good, "xyz", "--xyz")));
add("mp truncated in data", mp(F, form(good).slice(0, -13)));
add("mp empty body", mp(F, ""));
add("mp only end", mp(F, "--xyz--\r\n"));
add("mp boundary quoted", mp('multipart/form-data; boundary="xyz"', form(good)));
add("mp boundary single quoted", mp("multipart/form-data; boundary='xyz'", form(good)));
add("mp boundary single quoted both", mp("multipart/form-data; boundary='xyz'", form(good, "'xyz'")));
add("mp boundary upper param", mp("multipart/form-data; BOUNDARY=xyz", form(good)));
add("mp boundary with charset", mp("multipart/form-data; charset=utf-8; boundary=xyz", form(good)));
add("mp boundary then charset", mp("multipart/form-data; boundary=xyz; charset=utf-8", form(good)));
add("mp boundary space before", mp("multipart/form-data; boundary= xyz", form(good)));
add("mp boundary spaces around", mp("multipart/form-data ; boundary = xyz", form(good)));
add("mp boundary no space", mp("multipart/form-data;boundary=xyz", form(good)));
add("mp boundary comma", mp("multipart/form-data, boundary=xyz", form(good)));
add("mp boundary with dashes", mp("multipart/form-data; boundary=----xyz", form(good, "----xyz")));
add("mp boundary given with dashes too many", mp("multipart/form-data; boundary=--xyz", form(good)));
add("mp boundary odd chars", mp("multipart/form-data; boundary=x=y/z?", form(good, "x=y/z?")));
add("mp boundary quoted odd chars", mp('multipart/form-data; boundary="x y:z"', form(good, "x y:z")));
add(
    "mp boundary long 100",
    mp(`multipart/form-data; boundary=${"q".repeat(100)}`, form(good, "q".repeat(100))),
);
add("mp boundary other", mp("multipart/form-data; boundary=other", form(good)));
add("mp boundary latin1", mp("multipart/form-data; boundary=\xe9", form(good, "\xe9")));
add("mp boundary twice", mp("multipart/form-data; boundary=other; boundary=xyz", form(good)));
add("mp boundary twice 2", mp("multipart/form-data; boundary=xyz; boundary=other", form(good)));
add("mp boundary with whitespace after", mp(F, form(good).replaceAll("--xyz\r\n", "--xyz  \r\n")));
add("mp two images", mp(F, form([...good, [cd('name="imageData"; filename="b"'), "", "IMG2"]])));
add("mp field then file", mp(F, form([[cd('name="imageData"'), "", "IMGfield"], ...good])));
add("mp file then field", mp(F, form([...good, [cd('name="imageData"'), "", "IMGfield"]])));
add("mp other then image", mp(F, form([[cd('name="x"'), "", "1"], ...good])));
add(
    "mp chunked",
    chunked(`${form(good).length.toString(16)}\r\n${form(good)}\r\n0\r\n\r\n`, "chunked", [
        `Content-Type: ${F}`,
    ]),
);
add("mp empty file", mp(F, form(part('name="imageData"; filename="a"', [], ""))));
add("mp no boundary form", mp("multipart/form-data", form(good)));
add("mp image raw with boundary type", mp(F, IMG));
add(
    "mp header many",
    mp(
        F,
        form(
            part(
                'name="imageData"; filename="a"',
                Array.from({ length: 50 }, (_, i) => `X-${i}: y`),
            ),
        ),
    ),
);
add("mp header long", mp(F, form(part('name="imageData"; filename="a"', [`X: ${"y".repeat(9000)}`]))));
add(
    "mp parts 1100",
    mp(F, form([...Array.from({ length: 1100 }, (_, i) => [cd(`name="f${i}"`), "", "1"]), ...good])),
);
add(
    "mp parts 900",
    mp(F, form([...Array.from({ length: 900 }, (_, i) => [cd(`name="f${i}"`), "", "1"]), ...good])),
);
add("mp big field 600K", mp(F, form([[cd('name="x"'), "", "z".repeat(600000)], ...good])));
group = "addresses";
const u = (body: string, headers: string[] = []) => post("/url", headers, body);
add("url", u('{"url":"https://x/a"}'));
add("url Url", u('{"Url":"https://x/a"}'));
add("url URL", u('{"URL":"https://x/a"}'));
add("url BOM", u('\xef\xbb\xbf{"url":"https://x/a"}'));
add("url utf16", u('\xff\xfe{\0"\0u\0r\0l\0"\0:\0"\0h\0"\0}\0'));
add("url latin1", u('{"url":"https://x/\xe9"}'));
add("url urlencoded type", u('{"url":"https://x/a"}', ["Content-Type: application/x-www-form-urlencoded"]));
add("url multipart type", u('{"url":"https://x/a"}', ["Content-Type: multipart/form-data"]));
add("url twice", u('{"url":"ftp://x","url":"https://x/a"}'));
add("url both", u('{"Url":"ftp://x","url":"https://x/a"}'));
add("url NaN", u('{"a":NaN,"url":"https://x/a"}'));
add("url trailing comma", u('{"url":"https://x/a",}'));
add("url spaces", u(' \n{"url":"https://x/a"}\n '));
add("url single quotes", u("{'url':'https://x/a'}"));
add("url trailing garbage", u('{"url":"https://x/a"}x'));
add("url array", u('[{"url":"https://x/a"}]'));
add("url NUL end", u('{"url":"https://x/a"}\0'));
add("url control char in string", u('{"url":"https://x/a","b":"c\td"}'));
