using Hangfire;
using ModelRegistry.Core.Promotion;

namespace ModelRegistry.Web.Jobs;

/// <summary>Closes requests for approval whose time is over; see <see cref="ApprovalExpiry"/>.</summary>
internal sealed class ApprovalExpiryJob(ApprovalExpiry expiry)
{
    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public Task RunAsync(CancellationToken ct) => expiry.RunAsync(ct);
}
