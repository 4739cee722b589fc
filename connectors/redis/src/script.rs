//! The scripts that run on the server.
//!
//! Those of counters: for each key the arguments are its rate and its period in milliseconds; for each key three
//! numbers come back: calls counted, whether it is locked (2: by this call), milliseconds left.
//!
//! A key holds the number of calls of the running window, or `L` while it is locked. Raising a number leaves the time
//! at which its key ends as it is: that makes the window a fixed one.

/// Counts a call on each key.
pub(crate) const HIT: &str = r"
local out = {}
for i, key in ipairs(KEYS) do
  local rate, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local held = redis.call('GET', key)
  local attempts, locked = rate, 1
  if not held then
    redis.call('SET', key, '1', 'PX', period)
    attempts, locked = 1, 0
  elseif held == 'L' then
    -- Calls during a lock are not counted.
  elseif tonumber(held) >= rate then
    redis.call('SET', key, 'L', 'PX', period)
    locked = 2
  else
    attempts, locked = redis.call('INCR', key), 0
  end
  out[#out + 1] = attempts
  out[#out + 1] = locked
  out[#out + 1] = redis.call('PTTL', key)
end
return out
";

/// Reads each key.
pub(crate) const READ: &str = r"
local out = {}
for i, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  local attempts, locked = 0, 0
  if held == 'L' then
    attempts, locked = tonumber(ARGV[2 * i - 1]), 1
  elseif held then
    attempts = tonumber(held)
  end
  out[#out + 1] = attempts
  out[#out + 1] = locked
  out[#out + 1] = redis.call('PTTL', key)
end
return out
";

/// Stores each value under its key. The first argument is their life in milliseconds, 0 without end.
pub(crate) const PUT: &str = r"
local life = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  if life > 0 then
    redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1])
  else
    redis.call('SET', key, ARGV[i + 1])
  end
end
";

/// The same where none of the keys exists; gives the places of those that do.
pub(crate) const ADD: &str = r"
local existing = {}
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    existing[#existing + 1] = i
  end
end
if #existing > 0 then
  return existing
end
local life = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  if life > 0 then
    redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1])
  else
    redis.call('SET', key, ARGV[i + 1])
  end
end
return existing
";
