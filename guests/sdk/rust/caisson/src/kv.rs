//! Keys and values that the nodes of one run share, gone with the run. Grant: `imports: [kv]`.

use crate::{call, json, Failure, Kind};

/// `None`: there is no such key.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Failure> {
    found(call("kv.get", &json::input("key", key, b"")))
}

pub fn set(key: &str, value: impl AsRef<[u8]>) -> Result<(), Failure> {
    call("kv.set", &json::input("key", key, value.as_ref())).map(|_| ())
}

/// Whether there was one.
pub fn delete(key: &str) -> Result<bool, Failure> {
    Ok(found(call("kv.delete", &json::input("key", key, b"")))?.is_some())
}

fn found(result: Result<Vec<u8>, Failure>) -> Result<Option<Vec<u8>>, Failure> {
    match result {
        Ok(bytes) => Ok(Some(bytes)),
        Err(failure) if failure.kind == Kind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}
