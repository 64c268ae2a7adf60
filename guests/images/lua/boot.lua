-- The table `caisson` of user code, built once while the image is made. `native` has what is written in C; what it returns is
-- the table, which the runner completes for every call (payload, metadata, run, context).
local native = ...
local call, encode, decode, null = native.call, native.encode, native.decode, native.null
local error, getmetatable, math_type, next, pairs = error, getmetatable, math.type, next, pairs
local setmetatable, tostring, type, find, sub = setmetatable, tostring, type, string.find, string.sub

local Secret = {__name = "Secret"}

-- The result of an operation; nil when there is no such thing and `maybe` is set. Any other failure is an error.
local function operate(operation, head, bytes, maybe)
  local status, result, message = call(operation, encode(head) .. "\n" .. (bytes or ""))
  if status == 0 then return result end
  if status == 1 and maybe then return nil end
  error(message, 0)
end

local function text(value, what)
  if type(value) ~= "string" then error(what .. " must be a string, not " .. type(value), 0) end
  return value
end

local function bytes(value)
  if type(value) == "string" then return value end
  return encode(value)
end

local function log(level, ...)
  native.log(level, ...)
end

local levels = {trace = 0, debug = 1, info = 2, warn = 3, warning = 3, error = 4}
local logger = {}
for name, level in pairs(levels) do
  logger[name] = function(...) log(level, ...) end
end
setmetatable(logger, {__call = function(_, level, ...)
  log(levels[level] or math_type(level) == "integer" and level or error("no such level: " .. tostring(level), 0), ...)
end})

local kv = {}
function kv.get(key, default)
  local value = operate("kv.get", {key = text(key, "the key")}, nil, true)
  if value == nil then return default end
  return value
end
function kv.set(key, value) operate("kv.set", {key = text(key, "the key")}, bytes(value)) end
function kv.delete(key) operate("kv.delete", {key = text(key, "the key")}, nil, true) end

local Response = {}
Response.__index = Response
function Response:text() return self.body end
function Response:json() return decode(self.body) end

local function header(value)
  if getmetatable(value) ~= Secret then return tostring(value) end
  return {secret = value.name, prefix = value.prefix, user = value.user}
end

local http = {}
function http.fetch(url, options)
  options = options or {}
  local head = {url = text(url, "the URL"), method = options.method}
  local headers, body = {}, options.body
  for name, value in pairs(options.headers or {}) do headers[name] = header(value) end
  if options.json ~= nil then
    body = encode(options.json)
    local named = false
    for name in pairs(headers) do named = named or name:lower() == "content-type" end
    if not named then headers["content-type"] = "application/json" end
  end
  if next(headers) then head.headers = headers end
  local answer = operate("http.fetch", head, body and bytes(body))
  local line = find(answer, "\n", 1, true)
  local response = decode(sub(answer, 1, line and line - 1 or -1))
  local named = {}
  for _, pair in next, response.headers or {} do
    local before = named[pair[1]]
    named[pair[1]] = before and before .. ", " .. pair[2] or pair[2]
  end
  response.headers, response.body = named, line and sub(answer, line + 1) or ""
  response.ok = response.status >= 200 and response.status < 300
  return setmetatable(response, Response)
end
local function with(options, extra)
  local all = {}
  for name, value in pairs(options or {}) do all[name] = value end
  for name, value in pairs(extra) do all[name] = value end
  return all
end
function http.get(url, options) return http.fetch(url, with(options, {method = "GET"})) end
function http.post(url, body, options) return http.fetch(url, with(options, {method = "POST", body = body})) end

local caisson = {null = null, array = native.array, sleep = native.sleep, log = logger, kv = kv, http = http}
function caisson.emit(topic, data) operate("emit", {topic = text(topic, "the topic")}, bytes(data)) end
function caisson.secret(name, options)
  options = options or {}
  return setmetatable({name = text(name, "the name"), prefix = options.prefix, user = options.user}, Secret)
end

return caisson, {encode = encode, decode = decode, null = null, array = native.array}
