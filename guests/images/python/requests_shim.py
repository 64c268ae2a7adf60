"""The part of `requests` that a sandbox can honour: each call is one request of the host. No sessions kept open, no cookies, no
redirects followed, no streams, no files, no proxies; an argument that cannot be honoured is an error."""

import json as _json

import caisson as _caisson
from urllib.parse import urlencode as _urlencode


class RequestException(IOError):
    def __init__(self, *arguments, response=None):
        super().__init__(*arguments)
        self.response = response


class ConnectionError(RequestException):
    pass


class HTTPError(RequestException):
    pass


class Timeout(RequestException):
    pass


class JSONDecodeError(RequestException, _json.JSONDecodeError):
    def __init__(self, error):
        _json.JSONDecodeError.__init__(self, error.msg, error.doc, error.pos)
        self.response = None


class exceptions:
    RequestException, ConnectionError, HTTPError, Timeout, JSONDecodeError = RequestException, ConnectionError, HTTPError, Timeout, JSONDecodeError


class _Headers(dict):
    """Names in any case."""

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __contains__(self, name):
        return super().__contains__(name.lower())

    def get(self, name, default=None):
        return super().get(name.lower(), default)


class Response:
    def __init__(self, answer, url):
        self.status_code, self.content, self.url = answer.status, answer.content, url
        self.headers = _Headers(answer.headers)
        self.encoding = "utf-8"
        self.reason = ""
        self.history = []

    @property
    def ok(self):
        return self.status_code < 400

    def __bool__(self):
        return self.ok

    @property
    def text(self):
        return self.content.decode(self.encoding or "utf-8", "replace")

    def json(self, **named):
        try:
            return _json.loads(self.content, **named)
        except _json.JSONDecodeError as error:
            raise JSONDecodeError(error) from None

    def raise_for_status(self):
        if self.status_code >= 400:
            who = "Client" if self.status_code < 500 else "Server"
            raise HTTPError(f"{self.status_code} {who} Error for url: {self.url}", response=self)

    def iter_lines(self):
        return iter(self.content.splitlines())

    def iter_content(self, chunk_size=1):
        return (self.content[i:i + chunk_size] for i in range(0, len(self.content), chunk_size))

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __repr__(self):
        return f"<Response [{self.status_code}]>"


def request(method, url, *, params=None, data=None, json=None, headers=None, timeout=None, allow_redirects=None, auth=None, **other):
    """`timeout` is the host's: the deadline of the call. Redirects are answers."""
    if other:
        raise TypeError(f"requests in the sandbox has no argument '{next(iter(other))}'")
    if params:
        url += ("&" if "?" in url else "?") + (params if isinstance(params, str) else _urlencode(params, doseq=True))
    headers = dict(headers or {})
    if isinstance(data, (dict, list, tuple)):
        data = _urlencode(data, doseq=True)
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    if auth is not None:
        user, password = auth
        if isinstance(password, _caisson.Secret):
            headers["Authorization"] = _caisson.secret(password._head["secret"], user=user)
        else:
            import base64
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    try:
        answer = _caisson.http.fetch(url, method=method, headers=headers, body=data, json=json)
    except _caisson.HostError as error:
        raise ConnectionError(str(error)) from error
    return Response(answer, url)


def get(url, params=None, **named):
    return request("GET", url, params=params, **named)


def post(url, data=None, json=None, **named):
    return request("POST", url, data=data, json=json, **named)


def put(url, data=None, **named):
    return request("PUT", url, data=data, **named)


def patch(url, data=None, **named):
    return request("PATCH", url, data=data, **named)


def delete(url, **named):
    return request("DELETE", url, **named)


def head(url, **named):
    return request("HEAD", url, **named)


def options(url, **named):
    return request("OPTIONS", url, **named)


class Session:
    """Headers that every request has."""

    def __init__(self):
        self.headers = {}

    def request(self, method, url, *, headers=None, **named):
        return request(method, url, headers={**self.headers, **(headers or {})}, **named)

    def __getattr__(self, name):
        if name not in ("get", "post", "put", "patch", "delete", "head", "options"):
            raise AttributeError(name)

        def call(url, data=None, **named):
            return self.request(name.upper(), url, **({"params": data} if name == "get" and data else {"data": data} if data else {}), **named)
        return call

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


session = Session
