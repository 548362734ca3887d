-- The wire cases for wrk. Environment: CASE, TOKEN (may be empty), RUNS (file with one run id a line), EXPERIMENT.
local case = os.getenv("CASE")
local token = os.getenv("TOKEN") or ""
local experiment = os.getenv("EXPERIMENT") or "0"
local api = "/api/2.0/mlflow/"

local runs = {}
for line in io.lines(os.getenv("RUNS")) do runs[#runs + 1] = line end

local headers = { ["Content-Type"] = "application/json" }
if token ~= "" then headers["Authorization"] = "Bearer " .. token end

-- Threads must not log the same point: each gets its own range of steps.
local thread_count = 0
function setup(thread)
  thread:set("id", thread_count)
  thread_count = thread_count + 1
end

local step = 0
local base_step = 0
function init(args)
  math.randomseed(os.time() + id)
  base_step = (os.time() % 100000000) * 100000 + id * 50000000000
end

local function next_step()
  step = step + 1
  return base_step + step
end

local function metrics(count)
  local at = next_step()
  local items = {}
  -- 50 keys; more metrics are more points of each.
  for i = 1, count do
    items[i] = string.format('{"key":"metric_%d","value":%.6f,"timestamp":%d,"step":%.0f}',
      i % 50, math.random(), 1700000000000 + math.floor(i / 50), at)
  end
  return table.concat(items, ",")
end

local function params(prefix, count)
  local items = {}
  for i = 1, count do items[i] = string.format('{"key":"%s_%d","value":"value %d"}', prefix, i, i) end
  return table.concat(items, ",")
end

local function batch(run, kind, items)
  return wrk.format("POST", api .. "runs/log-batch", headers, '{"run_id":"' .. run .. '","' .. kind .. '":[' .. items .. ']}')
end

local function any() return runs[math.random(#runs)] end

local fixed = {}
local cases = {
  metric10 = function() return batch(runs[1], "metrics", metrics(10)) end,
  metric10_many = function() return batch(any(), "metrics", metrics(10)) end,
  metric500 = function() return batch(runs[1], "metrics", metrics(500)) end,
  metric500_many = function() return batch(any(), "metrics", metrics(500)) end,
  param10 = function()
    fixed.param10 = fixed.param10 or batch(runs[1], "params", params("fixed", 10))
    return fixed.param10
  end,
  param100 = function()
    fixed.param100 = fixed.param100 or batch(runs[2], "params", params("many", 100))
    return fixed.param100
  end,
  param10_new = function() return batch(any(), "params", params(string.format("new_%.0f", next_step()), 10)) end,
  create_run = function()
    return wrk.format("POST", api .. "runs/create", headers, string.format(
      '{"experiment_id":"%s","user_id":"bench","run_name":"run %.0f","start_time":1700000000000,"tags":[{"key":"mlflow.user","value":"bench"},'
      .. '{"key":"mlflow.source.name","value":"train.py"},{"key":"mlflow.source.type","value":"LOCAL"}]}', os.getenv("NEW_EXPERIMENT"), next_step()))
  end,
  get_run = function() return wrk.format("GET", api .. "runs/get?run_id=" .. any(), headers) end,
  search_runs = function()
    fixed.search = fixed.search or wrk.format("POST", api .. "runs/search", headers,
      '{"experiment_ids":["' .. experiment .. '"],"max_results":1000}')
    return fixed.search
  end,
  search_runs_filter = function()
    fixed.filter = fixed.filter or wrk.format("POST", api .. "runs/search", headers,
      '{"experiment_ids":["' .. experiment .. '"],"max_results":100,"filter":"metrics.accuracy > 0.5 and params.model = \'m3\'",'
      .. '"order_by":["metrics.accuracy DESC"]}')
    return fixed.filter
  end,
  search_experiments = function()
    fixed.experiments = fixed.experiments or wrk.format("POST", api .. "experiments/search", headers, '{"max_results":100}')
    return fixed.experiments
  end,
}

request = cases[case] or error("unknown case " .. tostring(case))

function done(summary, latency)
  io.write(string.format("%-20s %9d requests %10.1f /s   p50 %8.2f ms   p99 %8.2f ms   errors %d\n", case, summary.requests,
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
