using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>
/// Times in the reader's own zone. The zone arrives in a cookie that the script sets on the first page; until then
/// times are in UTC and say so. The server renders them, so nothing moves after load.
/// </summary>
public sealed class ReaderClock(TimeProvider time, IHttpContextAccessor http)
{
    public const string Cookie = "tz";

    private TimeZoneInfo? _zone;

    public TimeZoneInfo Zone => _zone ??= Find(http.HttpContext?.Request.Cookies[Cookie]);

    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public DateTimeOffset At(long ms) => TimeZoneInfo.ConvertTime(Utc(ms), Zone);

    /// <summary>`3 min ago`, `5 h ago`, and the date where it is longer than a week.</summary>
    public string Relative(long ms)
    {
        var age = NowMs - ms;
        return age switch
        {
            < -60_000 => Full(ms),
            < 45_000 => "just now",
            < 3_600_000 => $"{Math.Max(1, age / 60_000)} min ago",
            < 86_400_000 => $"{age / 3_600_000} h ago",
            < 7 * 86_400_000L => $"{age / 86_400_000} d ago",
            _ => At(ms).ToString("d MMM yyyy", CultureInfo.InvariantCulture),
        };
    }

    public string Full(long ms)
    {
        var at = At(ms);
        return at.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture) + (Zone == TimeZoneInfo.Utc ? " UTC" : "");
    }

    public static string Iso(long ms) => Utc(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Hover(long ms) => Utc(ms).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    // Clients may log any 64-bit number as a time.
    private static DateTimeOffset Utc(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(ms, -62_135_596_800_000, 253_402_300_799_999));

    private static TimeZoneInfo Find(string? id) =>
        id is { Length: > 0 and < 64 } && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : TimeZoneInfo.Utc;
}

/// <summary>`&lt;time-ago ms="…" /&gt;`: relative; `full` gives date and time. UTC on hover.</summary>
[HtmlTargetElement("time-ago", TagStructure = TagStructure.WithoutEndTag)]
public sealed class TimeAgoTagHelper(ReaderClock clock) : TagHelper
{
    public long? Ms { get; set; }
    public bool Full { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagMode = TagMode.StartTagAndEndTag;
        if (Ms is not { } ms)
        {
            output.TagName = "span";
            output.Attributes.SetAttribute("class", "muted");
            output.Content.SetContent("—");
            return;
        }

        output.TagName = "time";
        output.Attributes.SetAttribute("datetime", ReaderClock.Iso(ms));
        output.Attributes.SetAttribute("title", ReaderClock.Hover(ms));
        output.Content.SetContent(Full ? clock.Full(ms) : clock.Relative(ms));
    }
}
