// Unpacks the headless shell of the package into $TMPDIR and prints where it is.
import chromium from "@sparticuz/chromium";
console.log(await chromium.executablePath());
