-- Asks for one path after another from a file: `wrk -s requests.lua URL -- FILE`.
-- Prints what was measured as one line: requests seconds errors p50 p99 (the latter two in µs).

local requests, at = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("measured %d %.6f %d %d %d", summary.requests, summary.duration / 1e6, errors,
    latency:percentile(50), latency:percentile(99)))
end
