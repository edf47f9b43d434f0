"""A SOCKS 4a and 5 proxy; names below .example are this machine. python3 socks.py PORT [USER PASSWORD]"""
import socket
import struct
import sys
import threading

CREDENTIALS = sys.argv[2:]


def read(peer, length):
    got = b""
    while len(got) < length:
        more = peer.recv(length - len(got))
        if not more:
            raise OSError("closed")
        got += more
    return got


def text(peer):
    got = b""
    while (byte := read(peer, 1)) != b"\0":
        got += byte
    return got.decode()


def socks4(peer):
    _, port, address = struct.unpack(">BH4s", read(peer, 7))
    text(peer)
    by_name = address[:3] == b"\0\0\0" and address[3]
    return (text(peer) if by_name else socket.inet_ntoa(address)), port, b"\0\x5a" + b"\0" * 6, b"\0\x5b" + b"\0" * 6


def sized(peer):
    return read(peer, read(peer, 1)[0])


def socks5(peer):
    methods = sized(peer)
    if CREDENTIALS:
        peer.sendall(b"\5\2" if 2 in methods else b"\5\xff")
        read(peer, 1)
        known = [sized(peer).decode(), sized(peer).decode()] == CREDENTIALS
        peer.sendall(b"\1\0" if known else b"\1\1")
        if not known:
            raise OSError("refused")
    else:
        peer.sendall(b"\5\0")
    kind = read(peer, 4)[3]
    if kind == 3:
        host = sized(peer).decode()
    else:
        family, length = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
        host = socket.inet_ntop(family, read(peer, length))
    (port,) = struct.unpack(">H", read(peer, 2))
    return host, port, b"\5\0\0\1" + b"\0" * 6, b"\5\5\0\1" + b"\0" * 6


def pipe(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
    except OSError:
        pass
    for side in (source, sink):
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(peer):
    try:
        host, port, yes, no = (socks4 if read(peer, 1) == b"\4" else socks5)(peer)
        try:
            target = socket.create_connection(("127.0.0.1" if host.endswith(".example") else host, port))
        except OSError:
            peer.sendall(no)
            raise
        peer.sendall(yes)
        threading.Thread(target=pipe, args=(target, peer), daemon=True).start()
        pipe(peer, target)
    except OSError:
        peer.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
