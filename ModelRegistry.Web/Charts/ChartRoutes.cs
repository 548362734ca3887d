using System.Globalization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Charts;

/// <summary>The curves that the pages draw, as JSON for the chart script.</summary>
internal static class ChartRoutes
{
    public const int MaxRuns = 20;

    public static void MapCharts(this IEndpointRouteBuilder app) =>
        app.MapGet("/ui-api/curves", CurvesAsync).RequireAuthorization(Policies.Page);

    /// <summary>The address of the curves of some runs under one key.</summary>
    public static string Url(IEnumerable<string> runs, string key, CurveOptions options) => string.Create(CultureInfo.InvariantCulture,
        $"/ui-api/curves?runs={string.Join(',', runs)}&key={Uri.EscapeDataString(key)}&x={options.AxisName}&log={options.LogScale}&smooth={options.Smoothing}");

    private static async Task<IResult> CurvesAsync(
        string runs, string key, RunService service, MetricHistory history, HttpRequest request, CancellationToken ct)
    {
        var options = CurveOptions.Read(request);
        var ids = runs.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().Take(MaxRuns).ToList();
        try
        {
            var series = new List<Series>(ids.Count);
            var names = ids.Count == 1 ? [] : (await service.GetAsync(ids, ct)).ToDictionary(r => r.Run.RunUuid, r => r.Run.Name);
            foreach (var id in ids)
            {
                var collector = new CurveCollector(options.Axis);
                await foreach (var sample in history.ReadAsync(id, key, null, null, _ => { }, ct))
                    collector.Add(sample);
                series.Add(collector.ToSeries(names.GetValueOrDefault(id, key)));
            }

            return Results.Text(Plot.LineChart(series, new LineChartOptions
            {
                LogScale = options.LogScale,
                Smoothing = options.Smoothing,
                TimeAxis = options.Axis == CurveAxis.Time,
                XTitle = options.Axis switch { CurveAxis.Step => "step", CurveAxis.Relative => "seconds", _ => null },
                Legend = ids.Count is > 1 and <= 10,
            }).ToJson(), "application/json");
        }
        catch (NotFoundException e)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (RegistryException e)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}

/// <summary>How curves are drawn: `x=step|time|relative`, `log=true`, `smooth=0.6`.</summary>
public sealed record CurveOptions(CurveAxis Axis, bool LogScale, double Smoothing)
{
    public string AxisName => Axis switch { CurveAxis.Time => "time", CurveAxis.Relative => "relative", _ => "step" };

    public static CurveOptions Read(HttpRequest request) => new(
        request.Query["x"].ToString() switch { "time" => CurveAxis.Time, "relative" => CurveAxis.Relative, _ => CurveAxis.Step },
        request.Query["log"].ToString() is "true" or "True" or "on",
        double.TryParse(request.Query["smooth"], CultureInfo.InvariantCulture, out var s) && s is > 0 and < 1 ? s : 0);
}
