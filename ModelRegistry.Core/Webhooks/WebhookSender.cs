using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Webhooks;

/// <summary>What is sent where.</summary>
internal sealed record WebhookMessage(string Url, string? SealedSecret, Guid DeliveryUuid, string Payload);

/// <param name="Status">Null where there was no answer; then <paramref name="Error"/> says why.</param>
/// <param name="Answer">The beginning of the answer's body.</param>
/// <param name="IsPassing">It may go better another time.</param>
internal sealed record SendResult(
    int? Status, string? Answer, string? Error, bool IsPassing, TimeSpan? RetryAfter, TimeSpan Duration)
{
    public bool IsDelivered => Status is >= 200 and < 300;
}

/// <summary>
/// Sends one message once: to a checked address, without redirects, cookies or proxies, with bounded time and answer.
/// One for the whole process.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    private const string Unreachable = "The receiver could not be reached or did not answer in time.";
    private const string Refused = "The webhook's address is not one that the registry may call.";
    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly OutboundGuard _guard;
    private readonly WebhookSecrets _secrets;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSender> _log;
    private readonly HttpClient _http;

    public WebhookSender(OutboundGuard guard, WebhookSecrets secrets, TimeProvider time, ILogger<WebhookSender> log)
    {
        (_guard, _secrets, _time, _log) = (guard, secrets, time, log);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = guard.ConnectAsync,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxConnectionsPerServer = 8,
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _http.Dispose();

    internal async Task<SendResult> SendAsync(WebhookMessage message, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        if (_guard.TryParse(message.Url) is not { } uri)
            return Failed(Refused, isPassing: false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Timeout);
        try
        {
            using var request = Request(uri, message);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)response.StatusCode;
            var answer = await ReadAsync(response, limit.Token, ct);
            return new SendResult(status, answer, null, RetrySchedule.IsPassing(status), RetryAfter(response), watch.Elapsed);
        }
        catch (Exception e) when (e is OutboundRefusedException || e.InnerException is OutboundRefusedException)
        {
            _log.DeliveryRefused(uri.IdnHost);
            return Failed(Refused, isPassing: false);
        }
        catch (CryptographicException e)
        {
            _log.SecretLost(uri.IdnHost, e);
            return Failed("The webhook's secret cannot be opened: the keys that sealed it are gone. Set it again.", isPassing: false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            // One sentence for all of them: open, closed and filtered ports look the same to who made the webhook. The
            // log of the server has the reason.
            _log.DeliveryUnanswered(uri.IdnHost, e is OperationCanceledException ? "no answer in time" : e.Message);
            return Failed(Unreachable, isPassing: true);
        }

        SendResult Failed(string error, bool isPassing) => new(null, null, error, isPassing, null, watch.Elapsed);
    }

    private HttpRequestMessage Request(Uri uri, WebhookMessage message)
    {
        var body = Encoding.UTF8.GetBytes(message.Payload);
        var id = message.DeliveryUuid.ToString();
        // Of this attempt, not of the event: receivers refuse what is old.
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("ModelRegistry-Webhook/1");
        request.Headers.Add("X-MLflow-Delivery-Id", id);
        request.Headers.Add("X-MLflow-Timestamp", timestamp);
        if (message.SealedSecret is { } sealedSecret)
            request.Headers.Add("X-MLflow-Signature", WebhookSignature.Of(_secrets.Open(sealedSecret), id, timestamp, body));
        return request;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    // What comes after the limit stays in the connection, which is closed with it.
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken limit, CancellationToken ct)
    {
        var buffer = new byte[MaxAnswerBytes];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(limit);
            while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), limit) is > 0 and var read)
                length += read;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            // The status is known, and decides; the body is only for people to read.
        }

        // PostgreSQL stores no NUL; half a character at the end becomes a replacement character.
        return Encoding.UTF8.GetString(buffer, 0, length).Replace('\0', '\uFFFD');
    }
}
