"""Stands for a module that the image does not have, so that tests which import it beside other things can be loaded."""

error = OSError
timeout = TimeoutError
has_ipv6 = False


class gaierror(OSError):
    pass


class herror(OSError):
    pass


class socket:
    def __init__(self, *_, **__):
        raise OSError(58, "Not supported")


def _refuse(*_, **__):
    raise OSError(58, "Not supported")


socketpair = create_connection = create_server = getaddrinfo = gethostbyname = gethostname = getdefaulttimeout = _refuse
_GLOBAL_DEFAULT_TIMEOUT = object()
AF_UNSPEC, AF_INET, AF_INET6 = 0, 2, 10
SOCK_STREAM, SOCK_DGRAM = 1, 2
SOL_SOCKET, SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6, IPV6_V6ONLY = 1, 2, 9, 6, 6, 17, 41, 26
TCP_NODELAY, AI_PASSIVE, NI_NUMERICHOST, NI_NUMERICSERV, SHUT_RD, SHUT_WR, SHUT_RDWR, SOMAXCONN = 1, 1, 1, 2, 0, 1, 2, 128
EAI_ADDRFAMILY, EAI_FAMILY, MSG_PEEK = -9, -6, 2
