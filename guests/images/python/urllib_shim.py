"""The part of urllib.request that a sandbox can honour: urlopen of http and https, each one request of the host."""

import io as _io

import caisson as _caisson
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlencode, urljoin, urlparse, urlsplit  # noqa: F401

__all__ = ["Request", "urlopen", "HTTPError", "URLError"]


class Request:
    def __init__(self, url, data=None, headers={}, origin_req_host=None, unverifiable=False, method=None):
        self.full_url, self.data, self.headers, self.method = url, data, {}, method
        for name, value in headers.items():
            self.add_header(name, value)

    def add_header(self, name, value):
        self.headers[name.capitalize()] = value

    def get_header(self, name, default=None):
        return self.headers.get(name.capitalize(), default)

    def has_header(self, name):
        return name.capitalize() in self.headers

    def get_method(self):
        return self.method or ("POST" if self.data is not None else "GET")

    def get_full_url(self):
        return self.full_url


class _Headers(dict):
    def get(self, name, default=None):
        return super().get(name.lower(), default)

    __getitem__ = lambda self, name: super(_Headers, self).__getitem__(name.lower())  # noqa: E731

    def get_content_charset(self, default=None):
        kind = self.get("content-type", "")
        return kind.partition("charset=")[2].strip(' "').lower() or default


class _Answer(_io.BytesIO):
    def __init__(self, answer, url):
        super().__init__(answer.content)
        self.status = self.code = answer.status
        self.headers = self.msg = _Headers(answer.headers)
        self.url, self.reason = url, ""

    def getcode(self):
        return self.status

    def geturl(self):
        return self.url

    def info(self):
        return self.headers

    def getheader(self, name, default=None):
        return self.headers.get(name, default)


def urlopen(url, data=None, timeout=None, **other):
    if other:
        raise TypeError(f"urlopen in the sandbox has no argument '{next(iter(other))}'")
    asked = url if isinstance(url, Request) else Request(url)
    if data is not None:
        asked.data = data
    headers = dict(asked.headers)
    if asked.data is not None:
        headers.setdefault("Content-type", "application/x-www-form-urlencoded")
    try:
        answer = _caisson.http.fetch(asked.full_url, method=asked.get_method(), headers=headers, body=asked.data)
    except _caisson.HostError as error:
        raise URLError(str(error)) from error
    if not 200 <= answer.status < 300:
        raise HTTPError(asked.full_url, answer.status, "", _Headers(answer.headers), _io.BytesIO(answer.content))
    return _Answer(answer, asked.full_url)
