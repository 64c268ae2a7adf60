//! Asks for a URL and waits for the whole answer. Grants: `net`, `secrets`.

use crate::{call, json, Failure};

/// What is asked for. A second header of the same name, whatever its case, is refused by the host.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>, // the value is JSON
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, url: &str) -> Request {
        Request { method: method.to_string(), url: url.to_string(), headers: Vec::new(), body: Vec::new() }
    }
    pub fn get(url: &str) -> Request {
        Request::new("GET", url)
    }
    pub fn post(url: &str, body: impl Into<Vec<u8>>) -> Request {
        Request::new("POST", url).body(body)
    }
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_string(), json::quoted(value)));
        self
    }
    /// A header that the host completes with the value of a secret, behind `prefix`: `Bearer ` or nothing.
    pub fn secret(mut self, name: &str, secret: &str, prefix: &str) -> Request {
        let value = format!("{{\"secret\":{},\"prefix\":{}}}", json::quoted(secret), json::quoted(prefix));
        self.headers.push((name.to_string(), value));
        self
    }
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.body = body.into();
        self
    }
    /// The answer, whatever its status.
    pub fn send(self) -> Result<Response, Failure> {
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{}:{value}", json::quoted(name))).collect();
        let mut input = format!(
            "{{\"method\":{},\"url\":{},\"headers\":{{{}}}}}\n",
            json::quoted(&self.method),
            json::quoted(&self.url),
            headers.join(",")
        )
        .into_bytes();
        input.extend(self.body);
        let answer = call("http.fetch", &input)?;
        let line = answer.iter().position(|byte| *byte == b'\n').unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..line]);
        let texts = json::texts(head.split_once('[').map_or("", |(_, headers)| headers));
        let headers = texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let status = json::number(&head, "status") as u16;
        Ok(Response { status, headers, body: answer[(line + 1).min(answer.len())..].to_vec() })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in lower case, in the order of the answer, each as often as it was there.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}
