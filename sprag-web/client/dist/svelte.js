import{a as t}from"./shared-ZR27JBFX.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
