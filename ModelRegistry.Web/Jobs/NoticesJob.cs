using Hangfire;
using ModelRegistry.Core.Notices;

namespace ModelRegistry.Web.Jobs;

/// <summary>Says that tokens end, and forgets notices that are old.</summary>
internal sealed class NoticesJob(TokenExpiry tokens, NoticeService notices)
{
    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public Task ExpireTokensAsync(CancellationToken ct) => tokens.RunAsync(ct);

    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public Task CleanUpAsync(CancellationToken ct) => notices.CleanUpAsync(ct);
}
