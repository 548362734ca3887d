using Hangfire;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Jobs;

/// <summary>Gives each job a scope of its own, in which the registry itself is the user.</summary>
internal sealed class SystemJobActivator(IServiceScopeFactory scopes) : JobActivator
{
    public override JobActivatorScope BeginScope(JobActivatorContext context) => new Scope(scopes.CreateAsyncScope());

    private sealed class Scope : JobActivatorScope
    {
        private readonly AsyncServiceScope _scope;

        public Scope(AsyncServiceScope scope)
        {
            _scope = scope;
            scope.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
        }

        public override object Resolve(Type type) => _scope.ServiceProvider.GetRequiredService(type);

        // Hangfire ends its scopes synchronously, on a thread of its own.
        public override void DisposeScope() => _scope.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
