import{a as t}from"./shared-OU3WLZYH.js";import"./shared-RZFO5QSD.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
