import CCCICore
import Glibc
import Testing

/// A small HTTP server in Python, on a port of its own or on a unix socket. It ends with its starter.
final class HTTPStandIn: Sendable {
  /// `http://127.0.0.1:4711`.
  let base: String
  private let task: Task<Void, Never>

  /// The one on a port that all tests may use: starting Python is slow.
  static func shared() async throws -> HTTPStandIn { try await running.value }
  private static let running = Task.detached { try await HTTPStandIn() }

  /// `socket`: a path to listen on; `certificate`: a PEM file of key and certificate.
  init(socket: String? = nil, certificate: String? = nil) async throws {
    let (lines, sink) = AsyncStream<String>.makeStream()
    let arguments = ["-u", "-c", Self.server, socket ?? "", certificate ?? ""]
    let command = Command("python3", arguments, environment: ["PATH": Self.path], limit: .seconds(120)) { _, chunk in
      sink.yield(String(decoding: chunk, as: UTF8.self))
    }
    task = Task.detached {
      do throws(Failure) {
        let result = try await CommandRunner.run(command)
        sink.yield("ended: \(result.errorText)")
      } catch {
        sink.yield("stopped: \(error.sentence)")
      }
    }
    var said = ""
    for await line in lines {
      said += line
      if said.contains("\n") { break }
    }
    let port = try #require(Int(said.split(separator: "\n").first ?? ""), "\(said)")
    base = certificate == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)"
  }

  deinit { task.cancel() }

  private static let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"

  private static let server = #"""
    import http.server, json, os, socketserver, ssl, sys, threading, time
    def watch(parent):
        while os.getppid() == parent: time.sleep(0.5)
        os._exit(0)
    threading.Thread(target=watch, args=[os.getppid()], daemon=True).start()
    lock, now, most = threading.Lock(), {}, {}
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def address_string(self): return "somebody"
        def log_message(self, *_): pass
        def answer(self, body, code=200, headers=()):
            self.send_response(code)
            for name, value in headers: self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD": self.wfile.write(body)
        def stream(self):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number in range(1000):
                text = b"event %d\n" % number
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
                self.wfile.flush()
                time.sleep(0.02)
        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.split("?")[0]
            if path == "/echo":
                self.answer(json.dumps({"method": self.command, "headers": {k.lower(): v for k, v in self.headers.items()},
                    "body": body.decode(), "path": self.path}).encode(), headers=[("X-Two", "1"), ("X-Two", "2"), ("X-Empty", "")])
            elif path == "/big": self.answer(b"x" * 5_000_000)
            elif path == "/slow":
                time.sleep(5)
                self.answer(b"late")
            elif path == "/stream": self.stream()
            elif path == "/port": self.answer(str(self.client_address[1] if self.client_address else 0).encode())
            elif path == "/redirect": self.answer(b"", 302, [("Location", "/echo")])
            elif path == "/half":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"half")
                self.close_connection = True
            elif path == "/busy":
                with lock:
                    now[self.path] = now.get(self.path, 0) + 1
                    most[self.path] = max(most.get(self.path, 0), now[self.path])
                time.sleep(0.05)
                with lock: now[self.path] -= 1
                self.answer(str(most[self.path]).encode())
            else: self.answer(b"nothing here", 404)
        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any
    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128
    class Unix(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
    if sys.argv[1]:
        server = Unix(sys.argv[1], Handler)
        print(1)
    else:
        server = Server(("127.0.0.1", 0), Handler)
        if sys.argv[2]:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1])
    server.serve_forever()
    """#
}
