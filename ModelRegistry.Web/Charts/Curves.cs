namespace ModelRegistry.Web.Charts;

/// <summary>What is done to points before they are drawn.</summary>
public static class Curves
{
    /// <summary>
    /// An exponential moving average, corrected for its start at zero, so that the first points are not drawn down.
    /// What is no number is passed on and not averaged.
    /// </summary>
    public static IReadOnlyList<double> Smooth(IReadOnlyList<double> values, double weight)
    {
        var smooth = new double[values.Count];
        double last = 0, bias = 1;
        for (var i = 0; i < values.Count; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                smooth[i] = values[i];
                continue;
            }

            last = last * weight + (1 - weight) * values[i];
            bias *= weight;
            smooth[i] = last / (1 - bias);
        }

        return smooth;
    }

    /// <summary>
    /// No more than about <paramref name="most"/> points, keeping the lowest and the highest of each stretch: a spike
    /// that was logged is a spike that is seen.
    /// </summary>
    public static Series Thin(Series series, int most)
    {
        var count = series.X.Count;
        if (count <= most)
            return series;
        var buckets = Math.Max(1, most / 2);
        var keep = new List<int> { 0 };
        for (var b = 0; b < buckets; b++)
        {
            int from = (int)((long)b * count / buckets), to = (int)((long)(b + 1) * count / buckets);
            int low = from, high = from;
            for (var i = from; i < to; i++)
            {
                if (series.Y[i] < series.Y[low])
                    low = i;
                if (series.Y[i] > series.Y[high])
                    high = i;
            }

            keep.Add(Math.Min(low, high));
            if (low != high)
                keep.Add(Math.Max(low, high));
        }

        keep.Add(count - 1);
        var places = keep.Distinct().ToList();
        return series with { X = [.. places.Select(i => series.X[i])], Y = [.. places.Select(i => series.Y[i])] };
    }
}
