using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Plotly.Blazor;
using Plotly.Blazor.LayoutLib;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;

namespace ModelRegistry.Web.Charts;

/// <summary>One curve.</summary>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

public sealed record LineChartOptions
{
    public bool LogScale { get; init; }
    /// <summary>X holds milliseconds since 1970.</summary>
    public bool TimeAxis { get; init; }
    public string? XTitle { get; init; }
    /// <summary>0 is none, near 1 is much.</summary>
    public double Smoothing { get; init; }
    public bool Legend { get; init; }
}

/// <summary>A chart as plotly.js takes it. The script gives it the page's colours and fonts.</summary>
public sealed record Plot(IList<ITrace> Data, Layout Layout)
{
    // Told apart in both themes and by most colour-blind readers.
    public static readonly string[] Palette =
        ["#3b82f6", "#e8833a", "#14a38b", "#b45ad6", "#d9497a", "#7a8b1f", "#0ea5c6", "#a1704a", "#6d6af0", "#84929f"];

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new PolymorphicConverter<ITrace>(), new DateTimeConverter(), new DateTimeOffsetConverter() },
    };

    public static Plot LineChart(IReadOnlyList<Series> series, LineChartOptions? options = null)
    {
        options ??= new LineChartOptions();
        var traces = new List<ITrace>();
        for (var i = 0; i < series.Count; i++)
        {
            var colour = Palette[i % Palette.Length];
            if (options.Smoothing > 0 && series[i].Y.Count > 2)
            {
                // The points as they are stay visible, faint, under the smoothed line.
                traces.Add(Curve(series[i], colour, options, faint: true));
                traces.Add(Curve(series[i] with { Y = Curves.Smooth(series[i].Y, options.Smoothing) }, colour, options));
            }
            else
            {
                traces.Add(Curve(series[i], colour, options));
            }
        }

        return new Plot(traces, new Layout
        {
            ShowLegend = options.Legend,
            HoverMode = HoverModeEnum.XUnified,
            XAxis = [new XAxis
            {
                Title = options.XTitle is null ? null : new Plotly.Blazor.LayoutLib.XAxisLib.Title { Text = options.XTitle },
                Type = options.TimeAxis ? Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Date : null,
            }],
            YAxis = [new YAxis
            {
                Type = options.LogScale ? Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Log : null,
            }],
        });
    }

    /// <summary>One point per run: two of its figures against each other.</summary>
    public static Plot ScatterChart(IReadOnlyList<Series> series, string xTitle, string yTitle) => new(
        [.. series.Select((s, i) => new Scatter
        {
            Name = s.Name,
            X = [.. s.X.Cast<object>()],
            Y = [.. s.Y.Cast<object>()],
            Mode = ModeFlag.Markers,
            Marker = new Marker { Color = Palette[i % Palette.Length], Size = 9 },
        })],
        new Layout
        {
            ShowLegend = false,
            HoverMode = HoverModeEnum.Closest,
            XAxis = [new XAxis { Title = new Plotly.Blazor.LayoutLib.XAxisLib.Title { Text = xTitle } }],
            YAxis = [new YAxis { Title = new Plotly.Blazor.LayoutLib.YAxisLib.Title { Text = yTitle } }],
        });

    /// <summary>
    /// Parallel coordinates: each run is a line over the axes, each axis from its lowest to its highest value. Drawn as
    /// plain lines, since the library's own trace generates code at run time, which the page's policy forbids.
    /// </summary>
    public static Plot Parallel(IReadOnlyList<string> axes, IReadOnlyList<ParallelLine> lines)
    {
        var places = axes.Select((_, i) => (object)i).ToList();
        var traces = lines.Select((line, i) => (ITrace)new Scatter
        {
            Name = line.Name,
            X = places,
            Y = [.. line.Places.Select(p => (object)p!)],
            TextArray = [.. line.Labels],
            HoverTemplate = "%{text}",
            Mode = ModeFlag.Lines | ModeFlag.Markers,
            ConnectGaps = true,
            Line = new Line { Color = Palette[i % Palette.Length], Width = 1.5m },
            Marker = new Marker { Color = Palette[i % Palette.Length], Size = 5 },
        }).ToList();
        return new Plot(traces, new Layout
        {
            ShowLegend = lines.Count <= 12,
            HoverMode = HoverModeEnum.Closest,
            XAxis = [new XAxis { TickVals = places, TickText = [.. axes], ShowGrid = true }],
            YAxis = [new YAxis { ShowTickLabels = false, ShowGrid = false, ZeroLine = false }],
        });
    }

    public ContentResult ToResult() => new() { Content = ToJson(), ContentType = "application/json" };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static Scatter Curve(Series series, string colour, LineChartOptions options, bool faint = false) => new()
    {
        Name = series.Name,
        X = [.. options.TimeAxis ? series.X.Select(Date) : series.X.Cast<object>()],
        // Not a number has no place on an axis: a gap.
        Y = [.. series.Y.Select(y => double.IsFinite(y) ? (object)y : null!)],
        Mode = series.X.Count == 1 ? ModeFlag.Markers : ModeFlag.Lines,
        Line = new Line { Color = colour, Width = faint ? 1m : 1.75m },
        Marker = new Marker { Color = colour, Size = 7 },
        Opacity = faint ? 0.4m : null,
        HoverInfo = faint ? HoverInfoFlag.Skip : null,
        ShowLegend = faint ? false : null,
    };

    private static object Date(double ms) => DateTimeOffset.FromUnixTimeMilliseconds((long)ms).UtcDateTime
        .ToString("yyyy-MM-dd HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A run in parallel coordinates: where it crosses each axis, from 0 to 1, and what it says there.</summary>
public sealed record ParallelLine(string Name, IReadOnlyList<double?> Places, IReadOnlyList<string> Labels);
