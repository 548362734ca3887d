using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages;

public sealed class HomePage : RegistryPage
{
}
