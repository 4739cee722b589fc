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

/// Stores each value under its key. The arguments before the values: their life in milliseconds, 0 without end; and 1
/// where nothing is to be stored if one of the keys exists: then the places of those that do come back.
pub(crate) const STORE: &str = r"
local life, only_new = tonumber(ARGV[1]), ARGV[2] == '1'
local existing = {}
if only_new then
  for i, key in ipairs(KEYS) do
    if redis.call('EXISTS', key) == 1 then
      existing[#existing + 1] = i
    end
  end
end
if #existing > 0 then
  return existing
end
for i, key in ipairs(KEYS) do
  if life > 0 then
    redis.call('SET', key, ARGV[i + 2], 'PX', ARGV[1])
  else
    redis.call('SET', key, ARGV[i + 2])
  end
end
return existing
";
