"""Answers that never end, by path; /ok is an ordinary one, which keeps its connection. python3 floods.py PORT"""
import socket
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FLOODS = {
    "interim": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 500),
    "chunks": (HEAD, b"1\r\nx\r\n" * 5000),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 5000),
    "line": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 65536),
    "trailers": (HEAD + b"0\r\n", b"X-A: b\r\n" * 5000),
    "extensions": (HEAD, b"1;" + b"a" * 10000 + b"\r\nx\r\n"),
}


def request(peer):
    got = b""
    while b"\r\n\r\n" not in got:
        more = peer.recv(65536)
        if not more:
            raise OSError("closed")
        got += more
    return got.split()[1].decode().strip("/")


def serve(peer):
    try:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (path := request(peer)) not in (*FLOODS, "dribble", "slow"):
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        if path == "slow":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello":
                peer.sendall(bytes([byte]))
                time.sleep(0.005)
            return
        beginning, flood = (HEAD, b"1\r\nx\r\n") if path == "dribble" else FLOODS[path]
        peer.sendall(beginning)
        while True:
            peer.sendall(flood)
            if path == "dribble":
                time.sleep(0.05)
    except OSError:
        pass
    finally:
        peer.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=256)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
