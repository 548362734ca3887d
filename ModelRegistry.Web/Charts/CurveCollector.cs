using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.Charts;

public enum CurveAxis
{
    Step,
    Time,
    /// <summary>Seconds since the first point.</summary>
    Relative,
}

/// <summary>Takes the points of a curve one by one and holds a bounded number of them, however many come.</summary>
public sealed class CurveCollector(CurveAxis axis)
{
    private const int Capacity = 16_384;
    private const int Drawn = 1_200;

    private readonly List<(double X, double Y)> _points = [];
    private long? _startMs;

    public void Add(in MetricSample sample)
    {
        _startMs ??= sample.TimestampMs;
        _points.Add((axis switch
        {
            CurveAxis.Step => sample.Step,
            CurveAxis.Time => sample.TimestampMs,
            _ => (sample.TimestampMs - _startMs.Value) / 1000.0,
        }, sample.Value));
        if (_points.Count == Capacity)
            Halve();
    }

    public Series ToSeries(string name)
    {
        // Points come by time; a resumed run may have gone back in steps.
        var sorted = axis == CurveAxis.Step ? [.. _points.OrderBy(p => p.X)] : _points;
        return Curves.Thin(new Series(name, [.. sorted.Select(p => p.X)], [.. sorted.Select(p => p.Y)]), Drawn);
    }

    // Of each four the lowest and the highest stay, in their order.
    private void Halve()
    {
        var kept = new List<(double X, double Y)>(Capacity / 2);
        for (var i = 0; i + 3 < _points.Count; i += 4)
        {
            int low = i, high = i;
            for (var j = i + 1; j < i + 4; j++)
            {
                if (_points[j].Y < _points[low].Y)
                    low = j;
                if (_points[j].Y > _points[high].Y)
                    high = j;
            }

            kept.Add(_points[Math.Min(low, high)]);
            kept.Add(_points[low == high ? i + 3 : Math.Max(low, high)]);
        }

        _points.Clear();
        _points.AddRange(kept);
    }
}
